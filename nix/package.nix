# pkgs.callPackage ./nix/package.nix { }
{
  lib,
  rustPlatform,
  installShellFiles,
}:

let
  manifest = lib.importTOML ../Cargo.toml;
in
rustPlatform.buildRustPackage {
  pname = manifest.package.name;
  inherit (manifest.package) version;

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.lock
      ../Cargo.toml
      ../build.rs
      ../dist/completions
      ../dist/man
      ./vmuxd.service
      ../bin
      ../src
      ../testdata
      ../tests
    ];
  };
  cargoLock.lockFile = ../Cargo.lock;

  nativeBuildInputs = [ installShellFiles ];

  # The tests drive real window managers and terminals; they are run by CI, not by the sandbox.
  cargoTestFlags = [ "--lib" ];

  postInstall = ''
    $out/bin/vmux man $TMPDIR
    installManPage $TMPDIR/*.1 $TMPDIR/*.5
    installShellCompletion --cmd vmux \
      --bash <($out/bin/vmux completions bash) \
      --fish <($out/bin/vmux completions fish) \
      --zsh <($out/bin/vmux completions zsh)
    install -Dm644 ${./vmuxd.service} $out/share/systemd/user/vmuxd.service
    sed -i "s|^ExecStart=.*|ExecStart=$out/bin/vmuxd|" $out/share/systemd/user/vmuxd.service
  '';

  meta = {
    inherit (manifest.package) description;
    license = lib.licenses.mit;
    mainProgram = "vmux";
    platforms = lib.platforms.linux;
  };
}

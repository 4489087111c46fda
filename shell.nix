# nix-shell: everything a developer of vmux needs, the programs of the tests among it.
{ pkgs ? import <nixpkgs> { } }:

let
  vmux = pkgs.callPackage ./nix/package.nix { };
in
pkgs.mkShell {
  inputsFrom = [ vmux ];
  packages = with pkgs; [
    cargo
    cargo-deny
    cargo-fuzz
    chromedriver
    chromium
    clippy
    rust-analyzer
    rustfmt
    typos
    # the real things that the tests run
    dbus
    dtach
    dunst
    mako
    fish
    foot
    fzf
    git
    glib
    i3
    i3blocks
    i3status
    imagemagick
    iproute2
    kitty
    libnotify
    mosh
    nftables
    nginx
    nodejs
    openssh
    openssl
    polybar
    procps
    prometheus
    python3
    python3Packages.flask
    python3Packages.gunicorn
    python3Packages.uvicorn
    rofi
    rxvt-unicode
    screen
    st
    strace
    sway
    systemd
    tabbed
    tmate
    tmux
    util-linux
    waybar
    xdotool
    xfce.xfce4-terminal
    xorg.xorgserver
    xterm
    xwayland
    yambar
    zsh
  ];
  shellHook = ''
    ci() { .ci/run; }
  '';
}

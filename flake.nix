{
  description = "Which Claude Code session waits for you, and one key to get there";

  inputs.nixpkgs.url = "nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.callPackage ./nix/package.nix { };
      });
      devShells = each (pkgs: {
        default = import ./shell.nix { inherit pkgs; };
      });
      homeManagerModules.default = import ./nix/module.nix;
    };
}

# home-manager: services.vmux.enable = true;
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.vmux;
  toml = pkgs.formats.toml { };
  # The package's own unit: it is written once, for every way to install vmux.
  unit = "${cfg.package}/share/systemd/user/vmuxd.service";
in
{
  options.services.vmux = {
    enable = lib.mkEnableOption "vmuxd, which watches the Claude Code sessions of this machine";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      description = "The vmux package to use.";
    };
    settings = lib.mkOption {
      type = toml.type;
      default = { };
      example = {
        notify.desktop = true;
        switch.launcher = [ "rofi" "-dmenu" "-i" ];
      };
      description = "What ~/.vmux/config.toml says; docs/config.md lists all keys.";
    };
    extraArgs = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "--interval" "2" ];
      description = "Arguments of vmuxd.";
    };
  };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];
    home.file.".vmux/config.toml" = lib.mkIf (cfg.settings != { }) {
      source = toml.generate "vmux-config.toml" cfg.settings;
    };
    xdg.configFile = {
      "systemd/user/vmuxd.service".source = unit;
      "systemd/user/graphical-session.target.wants/vmuxd.service".source = unit;
      "systemd/user/vmuxd.service.d/arguments.conf" = lib.mkIf (cfg.extraArgs != [ ]) {
        text = ''
          [Service]
          ExecStart=
          ExecStart=${lib.escapeShellArgs ([ "${cfg.package}/bin/vmuxd" ] ++ cfg.extraArgs)}
        '';
      };
    };
  };
}

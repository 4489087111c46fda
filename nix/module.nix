# home-manager: services.vmux.enable = true;
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.vmux;
in
{
  options.services.vmux = {
    enable = lib.mkEnableOption "vmuxd, which watches the Claude Code sessions of this machine";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      description = "The vmux package to use.";
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
    systemd.user.services.vmuxd = {
      Unit = {
        Description = "Watch the Claude Code sessions of this machine";
        PartOf = [ "graphical-session.target" ];
        After = [ "graphical-session.target" ];
      };
      Service = {
        Type = "notify";
        ExecStart = lib.escapeShellArgs ([ "${cfg.package}/bin/vmuxd" ] ++ cfg.extraArgs);
        Restart = "on-failure";
        RestartSec = 1;
        KillMode = "process";
        UMask = "0077";
        LimitNOFILE = 4096;
        NoNewPrivileges = true;
        LockPersonality = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
        SystemCallFilter = "@system-service";
        SystemCallErrorNumber = "EPERM";
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
      };
      Install.WantedBy = [ "graphical-session.target" ];
    };
  };
}

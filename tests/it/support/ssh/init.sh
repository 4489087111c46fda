# The first process of a host, in namespaces of its own: what a host has of its own, and the end of
# its orphans. It ends, and all of the host with it, when the test closes its standard input.
set -e
name=$1 dir=$2 bin=$3 openssh=$4
mount --make-rprivate /
# Another OpenSSH in place of the installed one: the directory into which its packages were unpacked.
if [[ -n $openssh ]]; then
    for path in usr/bin/ssh usr/sbin/sshd usr/lib/openssh; do
        mount --bind "$openssh/$path" "/$path"
    done
fi
mount --bind "$bin" "$dir/bin"
mount -t tmpfs tmp /tmp -o mode=1777
mkdir -m 1777 /tmp/.X11-unix
mount -t tmpfs run /run
mkdir /run/sshd
: >/run/utmp
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid="$(getent group tty | cut -d: -f3)" \
    devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
for file in passwd group shadow hosts; do
    mount --bind "$dir/etc/$file" "/etc/$file"
done
hostname "$name"
ip link set lo up
echo ready
while read -r _; do :; done

//! Tells when the network of this machine has changed, or it was suspended: rtnetlink(7), and a timer
//! that the kernel cancels when the clock is set, as it is after a suspension (timerfd_create(2)).

use crate::daemon::watch::epoll::Epoll;
use rustix::event::epoll::EventFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, netlink};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV4_ROUTE`, `RTMGRP_IPV6_IFADDR` and `RTMGRP_IPV6_ROUTE` of
/// linux/rtnetlink.h.
const GROUPS: u32 = 0x10 | 0x40 | 0x100 | 0x400;

/// A change comes in several messages; those within this time count as one.
const SETTLE: Duration = Duration::from_millis(300);

/// Seconds until the timer would expire: never.
const NEVER: i64 = i64::MAX / 4;

/// Tells `changed` of every change. Ends when nobody listens; without netlink nothing is told.
pub async fn watch_network(changed: watch::Sender<()>) {
    let Ok((epoll, network, clock)) = open() else {
        log::info!("changes of the network are not noticed: no netlink");
        return changed.closed().await;
    };
    loop {
        tokio::select! {
            _ = epoll.ready() => {}
            () = changed.closed() => return,
        }
        if drain(&network).is_err() || renew(&clock).is_err() {
            return changed.closed().await;
        }
        sleep(SETTLE).await;
        let _ = changed.send(());
    }
}

fn open() -> io::Result<(Epoll, OwnedFd, OwnedFd)> {
    let (epoll, network, clock) = (Epoll::new()?, routes()?, clock()?);
    epoll.add(&network, 0, EventFlags::IN)?;
    epoll.add(&clock, 1, EventFlags::IN)?;
    Ok((epoll, network, clock))
}

fn routes() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    // Without a number of the protocol it is NETLINK_ROUTE, which is 0.
    let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
    rustix::net::bind(&socket, &netlink::SocketAddrNetlink::new(0, GROUPS))?;
    Ok(socket)
}

fn clock() -> io::Result<OwnedFd> {
    let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
    let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
    arm(&timer)?;
    Ok(timer)
}

fn arm(timer: &OwnedFd) -> io::Result<()> {
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    let never = Itimerspec { it_interval: zero, it_value: Timespec { tv_sec: NEVER, ..zero } };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(timer, flags, &never)?;
    Ok(())
}

/// Reads all messages: what they say does not matter.
fn drain(socket: &OwnedFd) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        match rustix::net::recv(socket, &mut buffer, RecvFlags::DONTWAIT) {
            // Some may have been lost: there were changes.
            Ok(_) | Err(Errno::NOBUFS | Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Arms the timer again, if the clock was set.
fn renew(timer: &OwnedFd) -> io::Result<()> {
    match rustix::io::read(timer, &mut [0; 8]) {
        Err(Errno::AGAIN) => Ok(()),
        Ok(_) | Err(Errno::CANCELED | Errno::INTR) => arm(timer),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_descriptors_can_be_made_and_read() {
        let (_epoll, network, clock) = open().unwrap();
        drain(&network).unwrap();
        renew(&clock).unwrap();
    }
}

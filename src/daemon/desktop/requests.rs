//! What the desktop task does with the requests of the hub.

use super::message::DesktopRequest;
use super::task::{DesktopTask, HubGone};

impl DesktopTask {
    /// Does what a request asks.
    pub(super) async fn handle_request(&mut self, request: DesktopRequest) -> Result<(), HubGone> {
        match request {
            DesktopRequest::Sessions(sessions) => self.set_sessions(sessions).await,
            DesktopRequest::Ended(names) => {
                self.wm.note_ended(names);
                Ok(())
            }
            // The client has given up.
            DesktopRequest::Switch(_, _, reply) if reply.is_closed() => Ok(()),
            DesktopRequest::Focus(_, reply) if reply.is_closed() => Ok(()),
            DesktopRequest::Switch(process, options, reply) => {
                let result = self.wm.switch(process.pid, &options).await;
                if let Err(error) = &result {
                    log::info!("switch to {}: {error}", process.pid);
                }
                // The client may have gone away.
                let _ = reply.send(result);
                self.after_command().await
            }
            DesktopRequest::Focus(target, reply) => {
                let _ = reply.send(self.wm.focus(&target).await);
                self.after_command().await
            }
            DesktopRequest::ScreenSource(process, reply) => {
                let _ = reply.send(self.wm.screen_source(process.pid).await);
                Ok(())
            }
            DesktopRequest::Keyboard(process, age, reply) => {
                let _ = reply.send(self.wm.keyboard(process.pid, age).await);
                Ok(())
            }
            DesktopRequest::Carriers(process, asker, reply) => {
                let _ = reply.send(self.wm.carriers(process.pid, asker).await);
                Ok(())
            }
            DesktopRequest::SelectInCarrier(process, carrier, reply) => {
                let _ = reply.send(self.wm.select_in_carrier(process.pid, &carrier).await);
                Ok(())
            }
            DesktopRequest::MarkCarrier(process, carrier, mark, reply) => {
                let _ = reply.send(self.wm.mark_carrier(process.pid, &carrier, &mark).await);
                Ok(())
            }
            DesktopRequest::FindMarked(_, reply) if reply.is_closed() => Ok(()),
            DesktopRequest::FindMarked(mark, reply) => {
                let _ = reply.send(self.wm.find_marked(&mark).await);
                self.after_command().await
            }
            DesktopRequest::SwitchToMarked(_, reply) if reply.is_closed() => Ok(()),
            DesktopRequest::SwitchToMarked(con_id, reply) => {
                let _ = reply.send(self.wm.switch_to_marked(con_id).await);
                self.after_command().await
            }
            DesktopRequest::Holders(told, destination, reply) => {
                let _ = reply.send(self.wm.holders(&told, &destination));
                Ok(())
            }
            DesktopRequest::SwitchToOneOf(_, _, reply) if reply.is_closed() => Ok(()),
            DesktopRequest::SwitchToOneOf(pids, why, reply) => {
                let _ = reply.send(self.wm.switch_to_one_of(&pids, &why).await);
                self.after_command().await
            }
            DesktopRequest::OpenTerminal(terminal, command, reply) => {
                let _ = reply.send(self.wm.open_terminal(&terminal, &command).await);
                Ok(())
            }
            DesktopRequest::MoveToWorkspace(process, name, reply) => {
                let _ = reply.send(self.wm.move_to_workspace(process.pid, &name).await);
                self.after_command().await
            }
            DesktopRequest::Focused(reply) => {
                let _ = reply.send(self.wm.focus_target_now().await);
                Ok(())
            }
            DesktopRequest::Describe(reply) => {
                let _ = reply.send(self.describe().await);
                Ok(())
            }
            DesktopRequest::SetUrgent(window, urgent) => {
                if let Err(error) = self.wm.set_urgent(&window, urgent).await {
                    log::info!("the urgency hint of a window: {error}");
                }
                Ok(())
            }
            DesktopRequest::Configure(socket, title_probe) => {
                let was_connected = self.wm.name().is_some();
                self.wm.configure(socket, title_probe);
                match was_connected && self.wm.name().is_none() {
                    true => self.connect().await,
                    false => Ok(()),
                }
            }
        }
    }
}

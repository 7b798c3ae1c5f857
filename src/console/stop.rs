//! The word to stop, heard by every listener at once. Does not wait for anybody to obey.

use tokio::sync::watch;

/// Says it. Dropping it says it too.
#[derive(Debug)]
pub struct Stopper {
    sender: watch::Sender<bool>,
}

/// Hears it.
#[derive(Debug, Clone)]
pub struct Stop {
    receiver: watch::Receiver<bool>,
}

/// A pair of both.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper { sender }, Stop { receiver })
}

impl Stopper {
    /// Stop now.
    pub fn stop(&self) {
        self.sender.send_replace(true);
    }
}

impl Stop {
    /// Returns when it has been said.
    pub async fn said(&mut self) {
        // An error means that the stopper is gone, which says the same.
        drop(self.receiver.wait_for(|stop| *stop).await);
    }
}

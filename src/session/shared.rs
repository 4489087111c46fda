//! Texts, paths and lists that are held once, however many sessions have them: a directory, a version, a
//! session id in all the places that name the session.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A value of which there is one for all who hold an equal one. A clone copies nothing.
pub struct Shared<T: ?Sized>(Arc<T>);

/// A text that is shared.
pub type Text = Shared<str>;

/// A path that is shared.
pub type SharedPath = Shared<Path>;

/// A variable of an environment, by one of the names that are kept.
pub type Variable = (&'static str, Text);

/// What may be shared.
pub trait Share: Eq + Hash + Send + Sync + 'static {
    /// The values that are shared now.
    fn all() -> &'static Mutex<Pool<Self>>;
}

/// The values that are shared, and some that nobody holds any more.
pub struct Pool<T: ?Sized> {
    values: HashSet<Arc<T>>,
    /// With so many values those that nobody holds are left out.
    tidy_at: usize,
}

/// Fewer values than this are not worth a look.
const MIN_TIDY: usize = 256;

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Pool<T> {
        Pool { values: HashSet::new(), tidy_at: MIN_TIDY }
    }
}

impl<T: Share + ?Sized> Pool<T> {
    /// The value that all share.
    fn share<V: Borrow<T> + Into<Arc<T>>>(&mut self, value: V) -> Arc<T> {
        if let Some(known) = self.values.get(value.borrow()) {
            return Arc::clone(known);
        }
        if self.values.len() >= self.tidy_at {
            self.values.retain(|it| Arc::strong_count(it) > 1);
            self.values.shrink_to_fit();
            self.tidy_at = (self.values.len() * 2).max(MIN_TIDY);
        }
        let value = value.into();
        self.values.insert(Arc::clone(&value));
        value
    }
}

macro_rules! share {
    ($type:ty) => {
        impl Share for $type {
            fn all() -> &'static Mutex<Pool<Self>> {
                static ALL: LazyLock<Mutex<Pool<$type>>> = LazyLock::new(Mutex::default);
                &ALL
            }
        }
    };
}

share!(str);
share!(Path);
share!([String]);
share!([Variable]);

impl<T: Share + ?Sized> Shared<T> {
    fn new<V: Borrow<T> + Into<Arc<T>>>(value: V) -> Shared<T> {
        // What the lock protects is whole at every moment.
        Shared(T::all().lock().unwrap_or_else(PoisonError::into_inner).share(value))
    }
}

macro_rules! from {
    ($($from:ty => $type:ty),*) => {$(
        impl From<$from> for Shared<$type> {
            fn from(value: $from) -> Shared<$type> {
                Shared::new(value)
            }
        }
    )*};
}

from!(&str => str, String => str, &Path => Path, PathBuf => Path, Vec<String> => [String],
    Vec<Variable> => [Variable]);

impl From<&str> for SharedPath {
    fn from(path: &str) -> SharedPath {
        Shared::new(Path::new(path))
    }
}

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        self
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        Shared(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> Borrow<T> for Shared<T> {
    fn borrow(&self) -> &T {
        &self.0
    }
}

impl<T: AsRef<U> + ?Sized, U: ?Sized> AsRef<U> for Shared<T> {
    fn as_ref(&self) -> &U {
        self.0.as_ref().as_ref()
    }
}

/// Equal values are one.
impl<T: ?Sized> PartialEq for Shared<T> {
    fn eq(&self, other: &Shared<T>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Eq for Shared<T> {}

impl<T: PartialEq + ?Sized> PartialEq<T> for Shared<T> {
    fn eq(&self, other: &T) -> bool {
        *self.0 == *other
    }
}

impl<T: PartialEq + ?Sized> PartialEq<&T> for Shared<T> {
    fn eq(&self, other: &&T) -> bool {
        *self.0 == **other
    }
}

impl<T: Hash + ?Sized> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Ord + ?Sized> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Shared<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord + ?Sized> Ord for Shared<T> {
    fn cmp(&self, other: &Shared<T>) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The empty text.
impl Default for Text {
    fn default() -> Text {
        Text::from("")
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
        String::deserialize(from).map(Text::from)
    }
}

impl<'de> Deserialize<'de> for SharedPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<SharedPath, D::Error> {
        PathBuf::deserialize(from).map(SharedPath::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let (a, b) =
            (Text::from("equal texts are one"), Text::from("equal texts are one".to_owned()));
        assert!(std::ptr::eq::<str>(&*a, &*b) && a == b && a == "equal texts are one");
        assert_ne!(a, Text::from("another"));
        assert_eq!(a.clone().to_string(), *b);
        let json = serde_json::to_string(&a).unwrap();
        assert_eq!(
            (json.as_str(), serde_json::from_str(&json).ok()),
            ("\"equal texts are one\"", Some(b))
        );
    }

    #[test]
    fn what_nobody_holds_is_left_out_in_time() {
        let mut pool = Pool::<str>::default();
        let held = pool.share("held");
        for number in 0..10_000 {
            pool.share(number.to_string());
        }
        assert!(pool.values.len() <= MIN_TIDY, "{} values", pool.values.len());
        assert!(Arc::ptr_eq(&held, &pool.share("held")));
    }
}

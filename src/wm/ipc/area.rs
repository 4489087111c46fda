//! Where something is on the screen, and how much of it others cover. Pure.

use super::lenient::Integer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Of how many rows and columns of points it is looked at whether they are covered.
const POINTS: i64 = 24;

/// A rectangle, in pixels; empty if it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// Of its left edge.
    pub x: i64,
    /// Of its upper edge.
    pub y: i64,
    /// How wide it is.
    pub width: i64,
    /// How high it is.
    pub height: i64,
}

impl Area {
    fn contains(&self, x: i64, y: i64) -> bool {
        let within = |at: i64, from: i64, size: i64| {
            at.checked_sub(from).is_some_and(|offset| (0..size).contains(&offset))
        };
        within(x, self.x, self.width) && within(y, self.y, self.height)
    }

    /// How much of it these cover together, in percent: 0 if it is empty.
    pub fn percent_covered(&self, others: &[Area]) -> i64 {
        if self.width <= 0 || self.height <= 0 || others.is_empty() {
            return 0;
        }
        // In the middle of each of the cells of a grid.
        let at = |from: i64, size: i64, index: i64| {
            from.saturating_add(size.saturating_mul(2 * index + 1) / (2 * POINTS))
        };
        let mut covered = 0;
        for row in 0..POINTS {
            for column in 0..POINTS {
                let (x, y) = (at(self.x, self.width, column), at(self.y, self.height, row));
                covered += i64::from(others.iter().any(|other| other.contains(x, y)));
            }
        }
        100 * covered / (POINTS * POINTS)
    }
}

impl<'de> Deserialize<'de> for Area {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AreaVisitor)
    }
}

struct AreaVisitor;

impl<'de> Visitor<'de> for AreaVisitor {
    type Value = Area;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a rectangle")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Area, A::Error> {
        let mut area = Area::default();
        while let Some(key) = map.next_key::<String>()? {
            let Integer(number) = map.next_value()?;
            let number = number.unwrap_or_default();
            match key.as_str() {
                "x" => area.x = number,
                "y" => area.y = number,
                "width" => area.width = number,
                "height" => area.height = number,
                _ => {}
            }
        }
        Ok(area)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Area, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Area::default())
    }
    fn visit_unit<E>(self) -> Result<Area, E> {
        Ok(Area::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Area, E> {
        Ok(Area::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Area, E> {
        Ok(Area::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Area, E> {
        Ok(Area::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Area, E> {
        Ok(Area::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Area, E> {
        Ok(Area::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x: i64, y: i64, width: i64, height: i64) -> Area {
        Area { x, y, width, height }
    }

    #[test]
    fn as_much_as_others_cover_together() {
        let window = area(0, 0, 600, 400);
        assert_eq!(window.percent_covered(&[area(-10, -10, 900, 900)]), 100);
        assert_eq!(window.percent_covered(&[area(0, 0, 300, 400)]), 50);
        assert_eq!(window.percent_covered(&[area(0, 0, 300, 200), area(300, 200, 300, 200)]), 50);
        assert_eq!(window.percent_covered(&[area(0, 0, 300, 400), area(0, 0, 300, 400)]), 50);
        assert_eq!(window.percent_covered(&[area(600, 0, 300, 400)]), 0);
        assert_eq!(window.percent_covered(&[]), 0);
        assert_eq!(Area::default().percent_covered(&[window]), 0, "it is not known where it is");
        let huge = area(i64::MIN, i64::MIN, i64::MAX, i64::MAX);
        assert_eq!((huge.percent_covered(&[window]), window.percent_covered(&[huge])), (0, 0));
    }

    #[test]
    fn what_is_no_rectangle_is_empty() {
        let read = |json: &str| serde_json::from_str::<Area>(json).unwrap();
        let known = read(r#"{"x":-5,"y":7,"width":3,"height":4,"z":{"a":[1]}}"#);
        assert_eq!(known, area(-5, 7, 3, 4));
        for odd in ["null", "7", "-7", "1.5", "true", "\"x\"", "[1,{\"x\":2}]", "{\"x\":\"1\"}"] {
            assert_eq!(read(odd), Area::default(), "{odd}");
        }
    }
}

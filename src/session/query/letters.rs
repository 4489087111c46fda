//! Letters that come in order, with others between them: a fuzzy match.

/// How many other letters stand between those of `phrase` where they occur in order in
/// `field`, from the beginning of a word. `None` if they do not, or with more than twice as many others.
pub fn letters_between(phrase: &str, field: &str) -> Option<usize> {
    let letters: Vec<char> = phrase.chars().collect();
    let field: Vec<char> = field.chars().collect();
    let begins_word = |at: &usize| *at == 0 || !field[at - 1].is_alphanumeric();
    let span = |start: usize| {
        let mut rest = letters.iter();
        let mut next = rest.next()?;
        for (length, letter) in field[start..].iter().enumerate() {
            if letter == next {
                match rest.next() {
                    Some(another) => next = another,
                    None => return Some(length + 1),
                }
            }
        }
        None
    };
    let starts = (0..field.len()).filter(|at| field.get(*at) == letters.first());
    let shortest = starts.filter(begins_word).filter_map(span).min()?;
    let others = shortest - letters.len();
    (letters.len() > 1 && others <= 2 * letters.len()).then_some(others)
}

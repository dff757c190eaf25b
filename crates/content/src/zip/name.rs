//! The names of entries as text.

use super::Fault;

/// Code page 437 from 0x80 on; below it is ASCII.
const CODE_PAGE_437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', //
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', //
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', //
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐', //
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', //
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀', //
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', //
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

/// A name that claims to be UTF-8 (APPNOTE.TXT appendix D).
pub(super) fn from_utf8(bytes: &[u8]) -> Result<String, Fault> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| Fault::Name)
}

/// A name that claims nothing: code page 437, which every byte has a symbol in.
pub(super) fn from_code_page_437(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|&byte| match byte {
            0..0x80 => char::from(byte),
            _ => CODE_PAGE_437[usize::from(byte - 0x80)],
        })
        .collect()
}

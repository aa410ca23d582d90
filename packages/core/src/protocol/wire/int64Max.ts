/** Java's `Long.MAX_VALUE` as it decodes here: rounded to 2^63, and written back as the exact maximum. */
export const int64Max = 2 ** 63

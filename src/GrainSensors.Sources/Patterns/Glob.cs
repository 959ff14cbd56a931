using System.Text;

namespace GrainSensors.Sources.Patterns;

/// <summary>A pattern with <c>*</c> for any characters, also none.</summary>
internal sealed class Glob(string pattern)
{
    private const byte Any = (byte)'*';
    private readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern);

    public bool Matches(ReadOnlySpan<byte> text)
    {
        // After the last asterisk that was passed, its part of the text grows until the rest matches.
        var (at, asterisk, tried) = (0, -1, 0);
        var i = 0;
        while (i < text.Length)
        {
            if (at < _pattern.Length && _pattern[at] == Any)
            {
                (asterisk, tried) = (at++, i);
            }
            else if (at < _pattern.Length && _pattern[at] == text[i])
            {
                (at, i) = (at + 1, i + 1);
            }
            else if (asterisk >= 0)
            {
                (at, i) = (asterisk + 1, ++tried);
            }
            else
            {
                return false;
            }
        }

        return !_pattern.AsSpan(at).ContainsAnyExcept(Any);
    }

    /// <returns>Whether a text matches both patterns.</returns>
    public static bool Overlap(string a, string b)
    {
        // One entry for each rest of b: whether it and the rest of a have a text in common.
        var below = new bool[b.Length + 1];
        for (var i = a.Length; i >= 0; i--)
        {
            var here = new bool[b.Length + 1];
            for (var j = b.Length; j >= 0; j--)
            {
                var (x, y) = (i < a.Length ? a[i] : '\0', j < b.Length ? b[j] : '\0');
                here[j] = (x, y) switch
                {
                    ('\0', '\0') => true,
                    ('*', _) => below[j] || (y != '\0' && here[j + 1]),
                    (_, '*') => here[j + 1] || (x != '\0' && below[j]),
                    _ => x == y && below[j + 1],
                };
            }

            below = here;
        }

        return below[0];
    }

    public override string ToString() => pattern;
}

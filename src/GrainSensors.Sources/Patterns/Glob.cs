using System.IO.Enumeration;
using System.Text;

namespace GrainSensors.Sources.Patterns;

/// <summary>A pattern with <c>*</c> for any characters, also none, and <c>?</c> for one.</summary>
internal sealed class Glob(string pattern)
{
    /// <summary>The longest text that is decoded on the stack, in bytes.</summary>
    private const int MaxOnStack = 1024;

    /// <returns>The first pattern that matches; null: none does.</returns>
    public static Glob? Find(Glob[] globs, ReadOnlySpan<byte> utf8)
    {
        if (globs.Length == 0)
        {
            return null;
        }

        Span<char> buffer = utf8.Length <= MaxOnStack ? stackalloc char[MaxOnStack] : new char[utf8.Length];
        var text = (ReadOnlySpan<char>)buffer[..Encoding.UTF8.GetChars(utf8, buffer)];
        foreach (var glob in globs)
        {
            if (glob.Matches(text))
            {
                return glob;
            }
        }

        return null;
    }

    public bool Matches(ReadOnlySpan<char> text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);

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
                    ('\0', _) or (_, '\0') => false,
                    _ => (x == y || x == '?' || y == '?') && below[j + 1],
                };
            }

            below = here;
        }

        return below[0];
    }

    public override string ToString() => pattern;
}

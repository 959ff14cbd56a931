using System.Text;

namespace GrainSensors.Sources.Patterns;

/// <summary>A JSON pointer (RFC 6901), as its reference tokens.</summary>
/// <param name="Tokens">Unescaped. <see cref="Each"/> and captures keep their form.</param>
internal sealed record JsonPointer(string Text, IReadOnlyList<string> Tokens)
{
    /// <summary>Stands for each element of an array.</summary>
    public const string Each = "*";

    /// <summary>The whole document.</summary>
    public static JsonPointer Root { get; } = new("", []);

    /// <returns>Null: a pointer is empty or begins with a slash, and a tilde is followed by 0 or 1.</returns>
    public static JsonPointer? Parse(string text)
    {
        if (text.Length == 0)
        {
            return Root;
        }

        var tokens = text.Split('/')[1..];
        return text[0] == '/' && tokens.All(IsEscapedRight) ? new(text, [.. tokens.Select(Unescape)]) : null;
    }

    /// <returns>Whether the token stands for each member of an object, and names it: <c>{name}</c>.</returns>
    public static bool IsCapture(string token) => token.Length > 2 && token[0] == '{' && token[^1] == '}';

    public bool StartsWith(JsonPointer other) =>
        Tokens.Count >= other.Tokens.Count && other.Tokens.SequenceEqual(Tokens.Take(other.Tokens.Count));

    public override string ToString() => Text;

    private static bool IsEscapedRight(string token)
    {
        for (var at = token.IndexOf('~', StringComparison.Ordinal); at >= 0; at = token.IndexOf('~', at + 1))
        {
            if (at + 1 == token.Length || token[at + 1] is not ('0' or '1'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Unescape(string token) => new StringBuilder(token).Replace("~1", "/").Replace("~0", "~").ToString();
}

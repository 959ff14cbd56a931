namespace GrainSensors.Sources.Patterns;

/// <summary>A text with placeholders in braces.</summary>
/// <param name="Parts">Texts and placeholders, in their order.</param>
internal sealed record TextTemplate(string Text, IReadOnlyList<TextTemplate.Part> Parts)
{
    /// <returns>Null: a brace has no counterpart, or nothing is between braces.</returns>
    public static TextTemplate? Parse(string text)
    {
        var parts = new List<Part>();
        for (var rest = text; rest.Length > 0;)
        {
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            if (open != 0)
            {
                if (rest.AsSpan(0, open < 0 ? rest.Length : open).Contains('}'))
                {
                    return null;
                }

                parts.Add(new(open < 0 ? rest : rest[..open], IsPlaceholder: false));
                rest = open < 0 ? "" : rest[open..];
                continue;
            }

            var close = CloseOf(rest);
            if (close < 2)
            {
                return null;
            }

            parts.Add(new(rest[1..close], IsPlaceholder: true));
            rest = rest[(close + 1)..];
        }

        return new(text, parts);
    }

    /// <returns>Where the brace that begins the text is closed; −1: nowhere. A path may have braces of its own.</returns>
    private static int CloseOf(string text)
    {
        var open = 0;
        for (var i = 0; i < text.Length; i++)
        {
            open += text[i] switch
            {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if (open == 0)
            {
                return i;
            }
        }

        return -1;
    }

    public override string ToString() => Text;

    /// <param name="Text">The text, or what is between the braces.</param>
    internal readonly record struct Part(string Text, bool IsPlaceholder);
}

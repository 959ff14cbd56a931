using System.Globalization;
using System.Text;

namespace GrainSensors.Core.Text;

/// <summary>Text for searching: without accents and in lower case, so that <c>coruna</c> finds <c>A Coruña</c>.</summary>
public static class SearchText
{
    public static string Fold(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u007f'))
        {
            return text.ToLowerInvariant();
        }

        var folded = new StringBuilder(text.Length);
        foreach (var rune in NormalForm.Decompose(text))
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                folded.Append(rune);
            }
        }

        return folded.ToString().ToLowerInvariant();
    }

    /// <returns>The words of a search, folded.</returns>
    public static string[] Words(string? text) => Fold(text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

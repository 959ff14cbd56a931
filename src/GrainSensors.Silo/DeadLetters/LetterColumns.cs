using System.Globalization;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Silo.DeadLetters;

/// <summary>Letters as aligned lines. A column widens with what it has to hold: nobody waits for the last letter to see the first.</summary>
/// <param name="lineWidth">Of the terminal, in characters; null: there is none, and a line is as long as it needs to be.</param>
internal sealed class LetterColumns(int? lineWidth)
{
    private const int MaxPreview = 60;
    private const int MinPreview = 12;
    private static readonly string[] Titles = ["ID", "TIME", "REASON", "SOURCE", "SIZE", "STATE", "BYTES"];

    /// <summary>What is usual, from the id to the state.</summary>
    private readonly int[] _widths = [7, 20, 17, 20, 6, 4];

    public string Header() => Line(Titles);

    public string Line(FiledLetter filed)
    {
        var letter = filed.Letter;
        string[] fields =
        [
            letter.Id.ToString(),
            LetterTimes.ToSeconds(letter.Time),
            LetterText.Escape(letter.Reason),
            letter.Source is null ? "-" : LetterText.Escape(letter.Source.ToString()),
            letter.Bytes is null ? "-" : (letter.OriginalSize ?? letter.Bytes.Length).ToString(CultureInfo.InvariantCulture),
            StateOf(filed),
        ];
        var start = Line([.. fields, ""]);
        var room = lineWidth is { } width ? Math.Clamp(width - start.Length, MinPreview, MaxPreview) : MaxPreview;
        return (start + LetterText.Preview(letter.Bytes, room)).TrimEnd();
    }

    private static string StateOf(FiledLetter filed)
    {
        var state = filed.Requeued is { } mark ? $"requeued {LetterTimes.ToSeconds(mark.At)}" : "open";
        return filed.Copies.Count == 1 ? state : string.Create(CultureInfo.InvariantCulture, $"{state} ({filed.Copies.Count} copies)");
    }

    private string Line(string[] fields)
    {
        for (var i = 0; i < _widths.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], fields[i].Length);
        }

        const int Size = 4;
        return string.Concat(_widths.Select((width, i) => (i == Size ? fields[i].PadLeft(width) : fields[i].PadRight(width)) + "  ")) + fields[^1];
    }
}

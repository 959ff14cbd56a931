using System.Globalization;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>
/// Formats dead letters as aligned lines. A column widens when a longer value comes, so that the first line can be printed
/// before the last dead letter is read.
/// </summary>
/// <param name="lineWidth">Width of the terminal in characters; null: lines have no limit.</param>
/// <param name="all">Whether requeued dead letters are listed too.</param>
internal sealed class DeadLetterColumns(int? lineWidth, bool all)
{
    private const int MaxPreview = 60;
    private const int MinPreview = 12;

    /// <summary>Index of a column of numbers, which are aligned right.</summary>
    private const int Size = 4;

    /// <inheritdoc cref="Size"/>
    private const int Copies = 5;

    private static readonly string[] Titles = ["ID", "TIME", "REASON", "SOURCE", "SIZE", "COPIES", "STATE", "BYTES"];

    /// <summary>Widths in characters, from the id to the state, of usual values.</summary>
    private readonly int[] _widths = [4, 20, 12, 16, 5, 6, all ? "requeued 2026-11-24T10:15:00Z".Length : 5];

    public string Header() => Line(Titles);

    public string Line(DeadLetterRecord filed)
    {
        var letter = filed.Message;
        string[] fields =
        [
            letter.Id.ToString(),
            UtcText.ToSeconds(letter.Time),
            PrintableText.Escape(letter.Reason),
            letter.Source is null ? "-" : PrintableText.Escape(letter.Source.ToString()),
            letter.Bytes is null ? "-" : (letter.OriginalSize ?? letter.Bytes.Length).ToString(CultureInfo.InvariantCulture),
            filed.Copies.Count.ToString(CultureInfo.InvariantCulture),
            filed.Requeued is { } mark ? $"requeued {UtcText.ToSeconds(mark.At)}" : "open",
        ];
        var start = Line([.. fields, ""]);
        var room = lineWidth is { } width ? Math.Clamp(width - start.Length, MinPreview, MaxPreview) : MaxPreview;
        return (start + PrintableText.Preview(letter.Bytes, room)).TrimEnd();
    }

    private string Line(string[] fields)
    {
        for (var i = 0; i < _widths.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], fields[i].Length);
        }

        var cells = _widths.Select((width, i) => i is Size or Copies ? fields[i].PadLeft(width) : fields[i].PadRight(width));
        return string.Concat(cells.Select(cell => cell + "  ")) + fields[^1];
    }
}

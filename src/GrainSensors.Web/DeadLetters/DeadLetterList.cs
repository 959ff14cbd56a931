using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Web.DeadLetters;

/// <summary>The dead letters that a filter selects.</summary>
/// <param name="Total">The number of all.</param>
/// <param name="Counts">By the hour in which they were written, and the token of the reason.</param>
/// <param name="Latest">The latest ones, newest first.</param>
internal sealed record DeadLetterList(
    long Total, IReadOnlyList<DeadLetterCount> Counts, IReadOnlyList<DeadLetterLine> Latest)
{
    public IEnumerable<(string Reason, long Count)> ByReason => Counts.GroupBy(count => count.Reason)
        .Select(counts => (counts.Key, counts.Sum(count => count.Count))).OrderByDescending(count => count.Item2);

    /// <param name="records">In any order.</param>
    /// <param name="limit">The length of <see cref="Latest"/> at most.</param>
    public static DeadLetterList Of(IEnumerable<DeadLetterRecord> records, int limit)
    {
        var counts = new SortedDictionary<(DateTime Hour, string Reason), long>();
        var latest = new PriorityQueue<DeadLetterLine, (DateTimeOffset, DeadLetterId)>();
        var total = 0L;
        foreach (var record in records)
        {
            var letter = record.Message;
            var hour = (letter.Time.UtcDateTime.Date.AddHours(letter.Time.UtcDateTime.Hour), letter.Reason);
            counts[hour] = counts.GetValueOrDefault(hour) + 1;
            total++;
            latest.Enqueue(DeadLetterLine.Of(record), (letter.Time, letter.Id));
            if (latest.Count > limit)
            {
                latest.Dequeue();
            }
        }

        var lines = new List<DeadLetterLine>(latest.Count);
        while (latest.TryDequeue(out var line, out _))
        {
            lines.Add(line);
        }

        lines.Reverse();
        return new(total, [.. counts.Select(count => new DeadLetterCount(count.Key.Hour, count.Key.Reason, count.Value))], lines);
    }
}

/// <param name="Hour">Its start, UTC.</param>
internal sealed record DeadLetterCount(DateTime Hour, string Reason, long Count);

/// <summary>A dead letter without its bytes.</summary>
/// <param name="Detail">The reason in full; null: an older version wrote the dead letter.</param>
/// <param name="Size">The number of bytes; null: the message is a tombstone.</param>
/// <param name="Preview">The beginning of the message, escaped.</param>
/// <param name="Obstacle">Why it cannot be requeued, as a clause that follows "it"; null: it can.</param>
internal sealed record DeadLetterLine(
    DeadLetterId Id, DateTimeOffset Time, string Reason, string? Detail, DeadLetterSource? Source, int? Size, RequeueMarker? Requeued,
    string Preview, string? Obstacle)
{
    private const int PreviewWidth = 60;

    public static DeadLetterLine Of(DeadLetterRecord record)
    {
        var letter = record.Message;
        var preview = letter.Bytes is null ? "" : PrintableText.Preview(letter.Bytes, PreviewWidth);
        return new(
            letter.Id, letter.Time, letter.Reason, letter.Detail, letter.Source, letter.Bytes?.Length, record.Requeued, preview,
            letter.RequeueObstacle);
    }
}

using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Selects dead letters. A criterion that is null selects all.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>The ids to select.</summary>
    public IReadOnlySet<DeadLetterId>? Ids { get; init; }

    /// <summary>The tokens of the reasons to select.</summary>
    public IReadOnlySet<string>? Reasons { get; init; }

    /// <summary>The earliest time, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The latest time, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The source topic.</summary>
    public string? SourceTopic { get; init; }

    /// <summary>The source partition.</summary>
    public int? SourcePartition { get; init; }

    /// <summary>The source offset.</summary>
    public long? SourceOffset { get; init; }

    /// <param name="source"><c>TOPIC</c>, <c>TOPIC:PARTITION</c> or <c>TOPIC:PARTITION:OFFSET</c>.</param>
    /// <returns>The filter with this source; null: the text is none.</returns>
    public DeadLetterFilter? WithSource(string source)
    {
        var parts = source.Split(':');
        var (partition, offset) = (0, 0L);
        return parts.Length <= 3
            && parts[0].Length > 0
            && (parts.Length < 2 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out partition))
            && (parts.Length < 3 || long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out offset))
            ? this with
            {
                SourceTopic = parts[0],
                SourcePartition = parts.Length > 1 ? partition : null,
                SourceOffset = parts.Length > 2 ? offset : null,
            }
            : null;
    }

    /// <returns>Whether the filter selects the dead letter.</returns>
    public bool Matches(DeadLetterMessage deadLetter) =>
        (Ids is null || Ids.Contains(deadLetter.Id))
        && (Reasons is null || Reasons.Contains(deadLetter.Reason))
        && (From is null || deadLetter.Time >= From)
        && (To is null || deadLetter.Time < To)
        && (SourceTopic is null || deadLetter.Source?.Topic == SourceTopic)
        && (SourcePartition is null || deadLetter.Source?.Partition == SourcePartition)
        && (SourceOffset is null || deadLetter.Source?.Offset == SourceOffset);
}

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Which letters are meant; what is null or empty does not narrow them.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Only these.</summary>
    public IReadOnlySet<DeadLetterId>? Ids { get; init; }

    /// <summary>Tokens, of which a letter has one.</summary>
    public IReadOnlySet<string>? Reasons { get; init; }

    /// <summary>The first moment, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The last moment, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    public string? SourceTopic { get; init; }

    public int? SourcePartition { get; init; }

    public long? SourceOffset { get; init; }

    public bool Takes(DeadLetterMessage letter) =>
        (Ids is null || Ids.Contains(letter.Id))
        && (Reasons is null || Reasons.Contains(letter.Reason))
        && (From is null || letter.Time >= From)
        && (To is null || letter.Time < To)
        && (SourceTopic is null || letter.Source?.Topic == SourceTopic)
        && (SourcePartition is null || letter.Source?.Partition == SourcePartition)
        && (SourceOffset is null || letter.Source?.Offset == SourceOffset);
}

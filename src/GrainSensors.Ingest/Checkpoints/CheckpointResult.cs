namespace GrainSensors.Ingest.Checkpoints;

/// <summary>The outcome of a checkpoint attempt.</summary>
internal enum CheckpointOutcome
{
    /// <summary>Everything that the attempt covers is durable.</summary>
    Succeeded,

    /// <summary>The rows are durable. No checkpoint was to be written.</summary>
    Flushed,

    /// <summary>The partition was rewound during the attempt, so its answers say nothing about the present generation.</summary>
    Outdated,

    /// <summary>A grain or the store did not answer. The next attempt repeats the work.</summary>
    Failed,

    /// <summary>
    /// The store holds a checkpoint of another owner of the partition, or of an earlier time. The partition must start over from it.
    /// </summary>
    Replaced,

    /// <summary>A grain has lost readings that it had acknowledged. The partition must be rewound.</summary>
    ReadingsMissing,
}

/// <summary>The outcome of a checkpoint attempt, and the reason of a failure.</summary>
internal readonly record struct CheckpointResult(CheckpointOutcome Outcome, string? Failure = null);

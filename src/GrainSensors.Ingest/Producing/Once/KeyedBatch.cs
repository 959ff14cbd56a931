namespace GrainSensors.Ingest.Producing.Once;

/// <summary>A request that was checked.</summary>
/// <param name="Answer">The answer when its readings are stored, as JSON.</param>
/// <param name="Messages">Its messages, for a transaction.</param>
/// <param name="ProduceAsync">Produces its messages without a transaction, for the embedded broker.</param>
/// <param name="IsRefusal">Whether nothing is stored after an exception of <paramref name="ProduceAsync"/>.</param>
public sealed record KeyedBatch(
    string Answer, Func<IEnumerable<IngestMessage>> Messages, Func<Task> ProduceAsync, Func<Exception, bool> IsRefusal);

/// <summary>How a request with an Idempotency-Key ended.</summary>
/// <param name="Answer">For <see cref="KeyedStatus.Accepted"/> and <see cref="KeyedStatus.Repeated"/>.</param>
public sealed record KeyedOutcome(KeyedStatus Status, string Answer = "")
{
    /// <summary>When <see cref="KeyedStatus.UnderWay"/> may be over.</summary>
    public TimeSpan RetryAfter { get; init; }
}

/// <summary>The outcomes of requests with an Idempotency-Key.</summary>
public enum KeyedStatus
{
    /// <summary>Its readings are stored.</summary>
    Accepted,

    /// <summary>An earlier request stored its readings.</summary>
    Repeated,

    /// <summary>The key belongs to another request.</summary>
    OtherRequest,

    /// <summary>An earlier request has not ended.</summary>
    UnderWay,

    /// <summary>An earlier request ended without an answer, and it cannot be found out whether its readings are stored.</summary>
    Unknown,
}

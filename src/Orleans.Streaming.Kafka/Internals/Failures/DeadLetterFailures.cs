using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>
/// What the pulling agents tell of failures. The cache has seen to it already (<see cref="Caching.PartitionCache.Fail"/>): what
/// comes here is told only as long as the subscription stays as it is.
/// </summary>
internal sealed class DeadLetterFailures : IStreamFailureHandler
{
    /// <summary>A subscription outlives a message that it could not take.</summary>
    public bool ShouldFaultSubsriptionOnError => false;

    public Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
        Task.CompletedTask;

    public Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
        Task.CompletedTask;
}

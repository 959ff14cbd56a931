using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Failures;

/// <summary>
/// Failure handler of the pulling agents. It does nothing, because the cache has handled the failure already: the agents call a
/// handler only while the subscription is unchanged.
/// </summary>
internal sealed class DeadLetterFailures : IStreamFailureHandler
{
    /// <summary>False: a subscription continues after a message that failed.</summary>
    public bool ShouldFaultSubsriptionOnError => false;

    public Task OnDeliveryFailure(
        GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
        Task.CompletedTask;

    public Task OnSubscriptionFailure(
        GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken) =>
        Task.CompletedTask;
}

using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>Records its deliveries.</summary>
internal sealed class Recorder(Journal journal, string subscriber, string stream) : IAsyncObserver<Event>
{
    public Task OnNextAsync(Event item, StreamSequenceToken? token = null) =>
        journal.AddAsync(new(subscriber, stream, item, (KafkaSequenceToken)token!));

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}

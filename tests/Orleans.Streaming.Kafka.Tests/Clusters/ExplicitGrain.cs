using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

public interface IExplicitGrain : IGrainWithStringKey
{
    /// <param name="token">The first message; null means new messages only.</param>
    Task Subscribe(string streamNamespace, string key, StreamSequenceToken? token);

    Task SubscribeToBatches(string streamNamespace, string key);

    /// <summary>Subscribes, and ends the call when the test allows it.</summary>
    Task SubscribeAndStayBusy(string streamNamespace, string key);

    /// <summary>Ends when the test allows it.</summary>
    Task StayBusy();

    Task Unsubscribe(string streamNamespace, string key);

    Task Produce(string streamNamespace, string key, int first, int count);

    Task Deactivate();

    /// <summary>Activates the grain.</summary>
    Task Wake();
}

/// <summary>Subscribes on request, and resumes its subscriptions at each activation.</summary>
public sealed class ExplicitGrain(Journal journal) : Grain, IExplicitGrain
{
    private const string Namespaces = "a,b";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var streamNamespace in Namespaces.Split(','))
        {
            foreach (var key in new[] { "1", "2" })
            {
                foreach (var handle in await Stream(streamNamespace, key).GetAllSubscriptionHandles())
                {
                    await handle.ResumeAsync(Observer(key));
                }
            }
        }
    }

    public Task Subscribe(string streamNamespace, string key, StreamSequenceToken? token) =>
        Stream(streamNamespace, key).SubscribeAsync(Observer(key), token);

    public async Task SubscribeAndStayBusy(string streamNamespace, string key)
    {
        await Subscribe(streamNamespace, key, null);
        await journal.BusyAsync();
    }

    public Task StayBusy() => journal.BusyAsync();

    public Task SubscribeToBatches(string streamNamespace, string key) =>
        Stream(streamNamespace, key).SubscribeAsync(async (IList<SequentialItem<Event>> items) =>
    {
        foreach (var item in items)
        {
            await journal.AddAsync(new($"{this.GetPrimaryKeyString()}/{items.Count}", key, item.Item, (KafkaSequenceToken)item.Token));
        }
    });

    public async Task Unsubscribe(string streamNamespace, string key)
    {
        foreach (var handle in await Stream(streamNamespace, key).GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    public async Task Produce(string streamNamespace, string key, int first, int count)
    {
        foreach (var number in Enumerable.Range(first, count))
        {
            await Stream(streamNamespace, key).OnNextAsync(new(number));
        }
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Wake() => Task.CompletedTask;

    private IAsyncStream<Event> Stream(string streamNamespace, string key) =>
        this.GetStreamProvider(StreamCluster.Provider).GetStream<Event>(StreamId.Create(streamNamespace, key));

    private Recorder Observer(string key) => new(journal, this.GetPrimaryKeyString(), key);
}

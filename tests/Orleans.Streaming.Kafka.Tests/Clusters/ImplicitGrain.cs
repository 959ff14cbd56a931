using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

public interface IImplicitGrain : IGrainWithStringKey
{
    Task Deactivate();
}

/// <summary>Receives each stream of a few namespaces by implicit subscription.</summary>
[ImplicitStreamSubscription(Namespace)]
[ImplicitStreamSubscription(Json)]
[ImplicitStreamSubscription(Parts)]
[ImplicitStreamSubscription(ProduceOnly)]
public sealed class ImplicitGrain(Journal journal) : Grain, IImplicitGrain, IStreamSubscriptionObserver, IAsyncObserver<Event>
{
    public const string Namespace = "implicit";
    public const string Json = "json";
    public const string Parts = "parts";
    public const string ProduceOnly = "out";
    public const string Subscriber = "implicit";

    public override Task OnActivateAsync(CancellationToken cancellationToken) => journal.Activating(this.GetPrimaryKeyString());

    public async Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        await journal.Subscribing(this.GetPrimaryKeyString());
        await handleFactory.Create<Event>().ResumeAsync(this);
    }

    public Task OnNextAsync(Event item, StreamSequenceToken? token = null) =>
        journal.AddAsync(new(Subscriber, this.GetPrimaryKeyString(), item, (KafkaSequenceToken)token!));

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

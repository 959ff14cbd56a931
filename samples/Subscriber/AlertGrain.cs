using Orleans.Streams;
using Orleans.Streams.Core;

namespace Subscriber;

public interface IAlertGrain : IGrainWithStringKey
{
    /// <returns>The last alert since the grain was activated, or null.</returns>
    Task<Alert?> GetLast();
}

/// <summary>Keeps the last alert of one sensor.</summary>
[ImplicitStreamSubscription(Namespace)]
public sealed class AlertGrain : Grain, IAlertGrain, IStreamSubscriptionObserver, IAsyncObserver<Alert>
{
    public const string Namespace = "alerts";

    private Alert? _last;

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<Alert>().ResumeAsync(this);

    public Task OnNextAsync(Alert item, StreamSequenceToken? token = null)
    {
        _last = item;
        Console.WriteLine($"{this.GetPrimaryKeyString()}: {item.Message} ({token})");
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task<Alert?> GetLast() => Task.FromResult(_last);
}

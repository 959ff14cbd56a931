using System.Globalization;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Subscriber;

public interface IWindowGrain : IGrainWithStringKey
{
    /// <returns>The last closed window of each measurement since the grain was activated.</returns>
    Task<IReadOnlyList<ClosedWindow>> GetLast();
}

/// <summary>Keeps the last closed window of each measurement of one sensor. Events arrive at least once.</summary>
[ImplicitStreamSubscription(Namespace)]
public sealed class WindowGrain : Grain, IWindowGrain, IStreamSubscriptionObserver, IAsyncObserver<ClosedWindow>
{
    public const string Namespace = "windows";

    private readonly Dictionary<string, ClosedWindow> _last = [];

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<ClosedWindow>().ResumeAsync(this);

    public Task OnNextAsync(ClosedWindow item, StreamSequenceToken? token = null)
    {
        _last[item.Metric] = item;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{this.GetPrimaryKeyString()}: {item.Metric} {item.Mean:0.00} from {item.Start:HH:mm:ss} to {item.End:HH:mm:ss}, "
            + $"{item.Count} readings ({token})"));
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task<IReadOnlyList<ClosedWindow>> GetLast() => Task.FromResult<IReadOnlyList<ClosedWindow>>([.. _last.Values]);
}

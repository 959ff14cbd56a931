using System.Collections.Concurrent;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>The deliveries to all subscribers of a cluster, in order of time.</summary>
public sealed class Journal
{
    private readonly ConcurrentQueue<Delivery> _deliveries = [];

    /// <summary>Runs before a delivery is recorded. The subscriber throws its exceptions.</summary>
    public Func<Delivery, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs while a grain that is subscribed implicitly activates, with the key of its stream.</summary>
    public Func<string, Task> Activating { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs before such a grain attaches to its stream.</summary>
    public Func<string, Task> Subscribing { get; set; } = _ => Task.CompletedTask;

    /// <summary>Completes when a subscriber has subscribed and stays busy.</summary>
    public TaskCompletionSource IsBusy { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the busy subscriber go on.</summary>
    public TaskCompletionSource MayGoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task BusyAsync()
    {
        IsBusy.TrySetResult();
        return MayGoOn.Task;
    }

    public IReadOnlyCollection<Delivery> All => _deliveries;

    public async Task AddAsync(Delivery delivery)
    {
        await Before(delivery);
        _deliveries.Enqueue(delivery);
    }

    /// <returns>The numbers of a stream that a subscriber has received.</returns>
    public int[] Of(string stream, string? subscriber = null) =>
        [
            .. _deliveries.Where(delivery => delivery.Stream == stream && (subscriber is null || delivery.Subscriber == subscriber))
                .Select(delivery => delivery.Event.Number),
        ];

    public async Task UntilAsync(Func<Journal, bool> condition, int seconds = 30) => await Until.Async(
        () => condition(this),
        () => string.Join("; ", _deliveries.GroupBy(delivery => (delivery.Subscriber, delivery.Stream))
            .Select(group => $"{group.Key.Subscriber} of {group.Key.Stream}: "
                + $"{string.Join(",", group.Select(delivery => delivery.Event.Number).TakeLast(30))} ({group.Count()})")
            .Take(20)),
        TimeSpan.FromSeconds(seconds));

    /// <summary>Waits until each of the events 0 to <paramref name="count"/> − 1 was delivered at least once.</summary>
    public Task UntilAllAsync(string stream, int count, string? subscriber = null, int seconds = 30) =>
        UntilAsync(journal => journal.Of(stream, subscriber).Distinct().Count() >= count, seconds);
}

/// <param name="Subscriber">The key of the grain, or the name of the client.</param>
/// <param name="Stream">The key of the stream.</param>
public sealed record Delivery(string Subscriber, string Stream, Event Event, KafkaSequenceToken Token);

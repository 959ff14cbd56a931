using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Topics;

/// <summary>
/// Looks for partitions that were added and for topics that were created again while the provider runs, and restarts partitions whose
/// offsets are no longer in Kafka.
/// </summary>
internal sealed partial class TopicWatch : IDisposable
{
    /// <summary>Silos read a new partition within this time and a few seconds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    private readonly TopicMap _topics;
    private readonly MatchedTopics _describer;
    private readonly Action<IEnumerable<string>> _refresh;
    private readonly KafkaClients _clients;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _restartGate = new();
    private HashSet<(string Topic, int Partition)> _restarts = [];
    private TaskCompletionSource _wake = NewWake();

    /// <summary>Whether the pulling agents may not have all queues, because the last announcement failed.</summary>
    private bool _isUnannounced;

    /// <param name="refresh">Called with changed topics before streams move to their partitions.</param>
    public TopicWatch(
        TopicMap topics, ITopicDescriber describer, Action<IEnumerable<string>> refresh, KafkaClients clients, TimeProvider clock,
        ILogger logger)
    {
        (_topics, _refresh, _clients, _clock, _logger) = (topics, refresh, clients, clock, logger);
        _describer = new(clients, describer);
        if (_describer.MayAppear || Read().Any())
        {
            _ = Task.Run(RunAsync);
        }
    }

    /// <summary>Restarts the agent of a partition at the committed offset, or at the oldest message if Kafka has deleted it.</summary>
    public void Restart(TopicPartition partition)
    {
        lock (_restartGate)
        {
            _restarts.Add((partition.Topic, partition.Partition));
            _wake.TrySetResult();
        }
    }

    /// <summary>Compares the topics with those in Kafka, and gives changed queues to the pulling agents.</summary>
    public async Task CheckAsync()
    {
        await _gate.WaitAsync(_stop.Token);
        try
        {
            var found = await _describer.DescribeAsync([.. Read().Select(topic => topic.Name)], _stop.Token);
            var last = _topics.Topics;
            var next = last.Select(topic => found.TryGetValue(topic.Name, out var now) ? Update(topic, now) : topic)
                .Concat(Appeared(found, last)).ToList();
            var restarts = TakeRestarts();
            foreach (var (before, after) in last.Zip(next).Where(pair => pair.First.Id != pair.Second.Id))
            {
                restarts.UnionWith(Enumerable.Range(0, before.Partitions).Select(partition => (before.Name, partition)));
            }

            if (restarts.Count == 0 && !_isUnannounced && last.SequenceEqual(next))
            {
                return;
            }

            await Task.Run(() => _refresh(next.Except(last).Select(topic => topic.Name)), _stop.Token);
            _isUnannounced = true;
            if (restarts.Count > 0)
            {
                await _topics.UpdateAsync(last, restarts);
            }

            await _topics.UpdateAsync(next, new HashSet<(string, int)>());
            _isUnannounced = false;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _stop.Cancel();

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IEnumerable<StreamTopic> Read() => _topics.Topics.Where(topic => !topic.Options.ProduceOnly);

    private HashSet<(string Topic, int Partition)> TakeRestarts()
    {
        lock (_restartGate)
        {
            var restarts = _restarts;
            _restarts = [];
            _wake = NewWake();
            return restarts;
        }
    }

    private StreamTopic Update(StreamTopic topic, TopicDescription found)
    {
        if (topic.KafkaId is { } last && found.Id is { } now && now != last)
        {
            LogRecreated(_logger, topic.Name, found.Partitions);
            return new(topic.Options, found.Partitions, now) { IsRecreated = true };
        }

        if (found.Partitions <= topic.Partitions)
        {
            return topic;
        }

        LogGrown(_logger, topic.Name, topic.Partitions, found.Partitions);
        return new(topic.Options, found.Partitions, topic.KafkaId) { IsRecreated = topic.IsRecreated };
    }

    private List<StreamTopic> Appeared(IReadOnlyDictionary<string, TopicDescription> found, IReadOnlyList<StreamTopic> known)
    {
        var names = found.Keys.Except(known.Select(topic => topic.Name)).ToList();
        names.ForEach(name => LogAppeared(_logger, name, found[name].Partitions));
        return names.ConvertAll(name => new StreamTopic(_clients.OptionsOf(name)!, found[name].Partitions, found[name].Id));
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var waits = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                await Task.WhenAny(Task.Delay(Interval, _clock, waits.Token), _wake.Task);
                await waits.CancelAsync();
                await CheckAsync();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The provider has stopped.
            }
            catch (Exception e)
            {
                lock (_restartGate)
                {
                    _wake = NewWake();
                }

                LogCheckFailed(_logger, _clients.Provider, Interval, _clients.Redact(e.Message));
            }
        }
    }

    [LoggerMessage(6092, LogLevel.Information,
        "Topic \"{Topic}\" has grown from {Before} to {After} partitions; silos read the new partitions from their beginning")]
    private static partial void LogGrown(ILogger logger, string topic, int before, int after);

    [LoggerMessage(6095, LogLevel.Information,
        "Topic \"{Topic}\" has appeared with {Partitions} partitions; silos read it from its beginning")]
    private static partial void LogAppeared(ILogger logger, string topic, int partitions);

    [LoggerMessage(6093, LogLevel.Warning,
        "Topic \"{Topic}\" was deleted and created again, with {Partitions} partitions; silos read it from its beginning")]
    private static partial void LogRecreated(ILogger logger, string topic, int partitions);

    [LoggerMessage(6094, LogLevel.Warning,
        "Could not look for new partitions of the stream provider \"{Provider}\"; next attempt in {Interval}: {Reason}")]
    private static partial void LogCheckFailed(ILogger logger, string provider, TimeSpan interval, string reason);
}

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Balancing;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Topics;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Topics;

/// <summary>Topics that change while a provider runs.</summary>
public sealed class TopicWatchTests : IDisposable, ITopicDescriber, IStreamQueueBalanceListener
{
    private static readonly Guid First = Guid.NewGuid();
    private static readonly Guid Second = Guid.NewGuid();

    private readonly Dictionary<string, TopicDescription> _found = new() { ["orders"] = new(2, First), ["audit"] = new(2, First) };
    private readonly List<int[]> _announced = [];
    private readonly List<string> _refreshed = [];
    private readonly List<Balancer> _balancers = [];
    private readonly TopicMap _map = new("Kafka",
    [
        new(new() { Name = "orders", Namespace = "orders" }, 2, First),
        new(new() { Name = "audit", Namespace = "audit", ProduceOnly = true }, 2, First),
    ]);

    private readonly KafkaQueueBalancer _balancer;
    private readonly TopicWatch _watch;
    private Exception? _failure;

    public TopicWatchTests()
    {
        _balancer = new(() =>
        {
            _balancers.Add(new());
            return _balancers[^1];
        });
        var options = new KafkaStreamOptions
        {
            Topics = { new() { Name = "orders" }, new() { Name = "audit" }, new() { Name = "^sales-(.+)", Namespace = "$1" } },
        };
        var clients = new KafkaClients(options, "Kafka", "tests", TimeProvider.System, NullLogger.Instance);
        _watch = new(_map, this, _refreshed.AddRange, clients, new FakeTimeProvider(), NullLogger.Instance);
    }

    [Fact]
    public async Task Added_partitions_get_queues_and_the_agents_are_told()
    {
        await StartAsync();
        _found["orders"] = new(5, First);

        await _watch.CheckAsync();

        Assert.Equal([0, 1, 2, 3, 4], Assert.Single(_announced));
        Assert.Equal(["orders"], _refreshed);
        Assert.Equal(5, _map.TopicOf(StreamId.Create("orders", "1")).Partitions);
        Assert.True(_balancers[0].IsShutDown);
        Assert.Equal(2, _balancers.Count);
    }

    [Fact]
    public async Task A_topic_that_is_as_it_was_or_is_gone_changes_nothing()
    {
        await StartAsync();
        await _watch.CheckAsync();
        _found.Remove("orders");
        await _watch.CheckAsync();

        Assert.Empty(_announced);
        Assert.Equal(2, _map.GetAllQueues().Count());
    }

    [Fact]
    public async Task A_topic_that_appears_and_that_a_pattern_matches_gets_queues()
    {
        await StartAsync();
        (_found["sales-eu"], _found["else"]) = (new(3, Second), new(3, Second));

        await _watch.CheckAsync();
        await _watch.CheckAsync();

        Assert.Equal([0, 0, 1, 1, 2], Assert.Single(_announced));
        Assert.Equal("sales-eu", _map.TopicOf(StreamId.Create("eu", "1")).Name);
        Assert.Equal(["sales-eu"], _refreshed);
    }

    [Fact]
    public async Task The_agents_of_a_topic_that_was_created_again_stop_and_start_at_its_beginning()
    {
        await StartAsync();
        var before = _map.TopicOf(StreamId.Create("orders", "1"));
        _found["orders"] = new(1, Second);

        await _watch.CheckAsync();

        Assert.Equal([[], [0]], _announced);
        var after = _map.TopicOf(StreamId.Create("orders", "1"));
        Assert.Equal((Second, true), (after.Id, after.IsRecreated));
        Assert.Equal((false, true), (_map.IsCurrent(before), _map.IsCurrent(after)));
    }

    [Fact]
    public async Task The_agent_of_a_partition_that_was_shortened_stops_and_starts()
    {
        await StartAsync();
        _watch.Restart(new("orders", 1));

        await Until.Async(() => _announced.Count == 2, () => $"{_announced.Count}", TimeSpan.FromSeconds(10));

        Assert.Equal([[0], [0, 1]], _announced);
        Assert.Single(_balancers);
    }

    [Fact]
    public async Task What_the_agents_could_not_be_told_they_are_told_the_next_time()
    {
        await StartAsync();
        _found["orders"] = new(3, First);
        _failure = new InvalidOperationException("The silo is busy.");
        await Assert.ThrowsAsync<InvalidOperationException>(_watch.CheckAsync);

        _failure = null;
        await _watch.CheckAsync();

        Assert.Equal([0, 1, 2], Assert.Single(_announced));
    }

    public void Dispose() => _watch.Dispose();

    Task<IReadOnlyCollection<string>> ITopicDescriber.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyCollection<string>>(_found.Keys);

    Task<IReadOnlyDictionary<string, TopicDescription>> ITopicDescriber.DescribeAsync(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, TopicDescription>>(_found.Where(pair => topics.Contains(pair.Key)).ToDictionary());

    Task IStreamQueueBalanceListener.QueueDistributionChangeNotification()
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        _announced.Add([.. _balancer.GetMyQueues().Select(queue => _map.PartitionOf(queue).Partition).Order()]);
        return Task.CompletedTask;
    }

    private async Task StartAsync()
    {
        await _balancer.Initialize(_map);
        _balancer.SubscribeToQueueDistributionChangeEvents(this);
    }

    /// <summary>Reads the queues once, as Orleans' balancers do.</summary>
    private sealed class Balancer : IStreamQueueBalancer
    {
        private List<QueueId> _queues = [];

        public bool IsShutDown { get; private set; }

        public Task Initialize(IStreamQueueMapper queueMapper)
        {
            _queues = [.. queueMapper.GetAllQueues()];
            return Task.CompletedTask;
        }

        public Task Shutdown()
        {
            IsShutDown = true;
            return Task.CompletedTask;
        }

        public IEnumerable<QueueId> GetMyQueues() => _queues;

        public bool SubscribeToQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;

        public bool UnSubscribeFromQueueDistributionChangeEvents(IStreamQueueBalanceListener observer) => true;
    }
}

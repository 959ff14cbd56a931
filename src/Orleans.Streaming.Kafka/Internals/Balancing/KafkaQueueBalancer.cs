using Orleans.Streaming.Kafka.Internals.Topics;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Balancing;

/// <summary>
/// Adds partitions that appear while silos run to the queues of another balancer. Orleans' balancers read the queues once, so a new
/// balancer replaces the old one.
/// </summary>
/// <param name="create">Creates the balancer that distributes the queues.</param>
internal sealed class KafkaQueueBalancer(Func<IStreamQueueBalancer> create) : IStreamQueueBalancer, IStreamQueueBalanceListener
{
    private readonly Lock _gate = new();
    private readonly List<IStreamQueueBalanceListener> _listeners = [];
    private IStreamQueueBalancer _balancer = create();
    private HashSet<QueueId> _known = [];
    private TopicMap? _topics;

    public async Task Initialize(IStreamQueueMapper queueMapper)
    {
        _topics = (TopicMap)queueMapper;
        await StartAsync(_balancer);
        _topics.QueuesChanged = QueuesChangedAsync;
    }

    public Task Shutdown()
    {
        if (_topics is not null)
        {
            _topics.QueuesChanged = null;
        }

        return _balancer.Shutdown();
    }

    public IEnumerable<QueueId> GetMyQueues() => _balancer.GetMyQueues().Where(queue => _topics!.Has(queue));

    public bool SubscribeToQueueDistributionChangeEvents(IStreamQueueBalanceListener observer)
    {
        lock (_gate)
        {
            if (_listeners.Contains(observer))
            {
                return false;
            }

            _listeners.Add(observer);
            return true;
        }
    }

    public bool UnSubscribeFromQueueDistributionChangeEvents(IStreamQueueBalanceListener observer)
    {
        lock (_gate)
        {
            return _listeners.Remove(observer);
        }
    }

    /// <summary>Passes on the changes of the other balancer.</summary>
    public Task QueueDistributionChangeNotification()
    {
        lock (_gate)
        {
            return Task.WhenAll(_listeners.Select(listener => listener.QueueDistributionChangeNotification()).ToList());
        }
    }

    private async Task QueuesChangedAsync()
    {
        if (!_known.IsSupersetOf(_topics!.GetAllQueues()))
        {
            // A balancer with leases gives them back first, so that its successor can take them.
            var last = _balancer;
            last.UnSubscribeFromQueueDistributionChangeEvents(this);
            await last.Shutdown();
            var next = create();
            await StartAsync(next);
            _balancer = next;
        }

        await QueueDistributionChangeNotification();
    }

    private async Task StartAsync(IStreamQueueBalancer balancer)
    {
        var queues = _topics!.GetAllQueues().ToHashSet();
        await balancer.Initialize(_topics);
        balancer.SubscribeToQueueDistributionChangeEvents(this);
        _known = queues;
    }
}

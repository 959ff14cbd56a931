using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Web.Views;

/// <summary>Reads closed windows from earlier offsets on, for clients that resume.</summary>
/// <remarks>
/// One pass through the topic serves all clients that wait, so that many clients that resume together, as after a rollout, cost one
/// consumer and one copy of each message. Clients that come during a pass wait for the next one.
/// </remarks>
internal sealed partial class MissedWindows(ClosedWindowView windows, TimeProvider clock, ILogger<MissedWindows> logger)
{
    /// <summary>Messages of one read.</summary>
    private const int MaxMessages = 1000;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>A client that takes nothing for longer is left behind; it can resume.</summary>
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private List<MissedRange> _waiting = [];
    private bool _isReading;
    private bool _hasFailed;

    /// <summary>Passes through the topic so far.</summary>
    public int Passes { get; private set; }

    /// <param name="from">The offset of the next message by partition; empty: nothing was missed.</param>
    /// <param name="to">Exclusive.</param>
    public MissedRange Read(IReadOnlyDictionary<int, long> from, IReadOnlyDictionary<int, long> to, CancellationToken cancellationToken)
    {
        var client = new MissedRange(from, to, cancellationToken);
        if (client.IsEmpty)
        {
            client.Complete();
        }
        else
        {
            Enter(client);
        }

        return client;
    }

    private void Enter(MissedRange client)
    {
        lock (_gate)
        {
            _waiting.Add(client);
            if (_isReading)
            {
                return;
            }

            _isReading = true;
        }

        _ = Task.Run(PassAsync);
    }

    private async Task PassAsync()
    {
        while (true)
        {
            List<MissedRange> clients;
            lock (_gate)
            {
                (clients, _waiting) = (_waiting, []);
                if (clients.Count == 0)
                {
                    _isReading = false;
                    return;
                }
            }

            try
            {
                await PassAsync(clients);
                _hasFailed = false;
            }
            catch (Exception e)
            {
                // Whatever failed, the clients resume where they are, and the next pass opens the topic again.
                clients.ForEach(client => client.Break());
                if (!_hasFailed)
                {
                    _hasFailed = true;
                    LogFailure(logger, e.Message, e is KafkaUnavailableException ? null : e);
                }
            }
        }
    }

    private async Task PassAsync(List<MissedRange> clients)
    {
        Passes++;
        var start = clients.SelectMany(client => client.Starts).GroupBy(start => start.Partition, start => start.Offset);
        using var log = await windows.OpenAsync(start.ToDictionary(partition => partition.Key, partition => partition.Min()));
        foreach (var client in clients)
        {
            client.Begin(log.Positions);
        }

        while (clients.RemoveAll(client => client.HasEnded(log.Positions)) >= 0 && clients.Count > 0)
        {
            foreach (var window in log.Read(MaxMessages, ReadTimeout))
            {
                foreach (var client in clients.Where(client => client.Includes(window)))
                {
                    await client.GiveAsync(window, ClientTimeout, clock);
                }
            }
        }
    }

    [LoggerMessage(4211, LogLevel.Warning, "Closed windows cannot be read again for event streams that resume: {Reason}")]
    private static partial void LogFailure(ILogger logger, string reason, Exception? exception);
}

using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Streams;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>Closed windows of the whole cluster, read from their topic as they are announced.</summary>
internal sealed class ClosedWindowView(IOptions<KafkaOptions> kafka, TimeProvider clock)
    : OnDemandView<IReadOnlyList<ClosedWindowEvent>>(Interval, clock)
{
    /// <summary>Windows of one read; a limit, so that watchers receive the first ones soon.</summary>
    private const int MaxWindows = 5000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly Dictionary<int, long> EndOfTopic = [];

    private ClosedWindowLog? _log;

    /// <summary>The offset of the next message by partition; empty until the first read.</summary>
    public IReadOnlyDictionary<int, long> Positions { get; private set; } = EndOfTopic;

    /// <summary>False: closed windows are not announced.</summary>
    public bool IsEnabled => kafka.Value.WindowTopic.Length > 0;

    /// <summary>Opens the topic at earlier positions, for a client that continues.</summary>
    /// <param name="positions">The offset of the next message by partition.</param>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public Task<ClosedWindowLog> OpenAsync(IReadOnlyDictionary<int, long> positions) => ClosedWindowLog.OpenAsync(kafka.Value, positions);

    public override void Dispose()
    {
        base.Dispose();
        End();
    }

    protected override async Task<IReadOnlyList<ClosedWindowEvent>?> ReadAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (!IsEnabled)
        {
            return null;
        }

        try
        {
            _log ??= await ClosedWindowLog.OpenAsync(kafka.Value, Positions);
            var found = new List<ClosedWindowEvent>();
            IReadOnlyList<ClosedWindowEvent> some;
            do
            {
                some = _log.Read(MaxWindows - found.Count, TimeSpan.Zero);
                found.AddRange(some);
            }
            while (some.Count > 0 && found.Count < MaxWindows);

            Positions = new Dictionary<int, long>(_log.Positions);
            return found.Count > 0 ? found : null;
        }
        catch (KafkaUnavailableException)
        {
            // The next read opens the topic again at the same positions.
            _log?.Dispose();
            _log = null;
            throw;
        }
    }

    protected override void End()
    {
        _log?.Dispose();
        _log = null;
        Positions = EndOfTopic;
    }
}

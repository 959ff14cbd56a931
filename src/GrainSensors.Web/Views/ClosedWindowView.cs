using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Streams;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Views;

/// <summary>Windows of the whole cluster as they close, out of the topic in which they are announced.</summary>
internal sealed class ClosedWindowView(IOptions<KafkaOptions> kafka, TimeProvider clock)
    : OnDemandView<IReadOnlyList<ClosedWindowEvent>>(Interval, clock)
{
    /// <summary>Of one look, so that who watches is told soon.</summary>
    private const int MostAtOnce = 5000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly Dictionary<int, long> FromTheEnd = [];

    private ClosedWindowLog? _log;

    /// <summary>By partition, the offset of the next message; empty until the first look.</summary>
    public IReadOnlyDictionary<int, long> Positions { get; private set; } = FromTheEnd;

    /// <summary>False: windows are not announced.</summary>
    public bool IsThere => kafka.Value.WindowTopic.Length > 0;

    /// <summary>Opens the topic for somebody who comes back.</summary>
    /// <param name="positions">By partition, the offset of the next message.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no such topic.</exception>
    public Task<ClosedWindowLog> OpenAsync(IReadOnlyDictionary<int, long> positions) => ClosedWindowLog.OpenAsync(kafka.Value, positions);

    public override void Dispose()
    {
        base.Dispose();
        End();
    }

    protected override async Task<IReadOnlyList<ClosedWindowEvent>?> LookAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (!IsThere)
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
                some = _log.Read(MostAtOnce - found.Count, TimeSpan.Zero);
                found.AddRange(some);
            }
            while (some.Count > 0 && found.Count < MostAtOnce);

            Positions = new Dictionary<int, long>(_log.Positions);
            return found.Count > 0 ? found : null;
        }
        catch (KafkaUnavailableException)
        {
            // It is opened again, where it stood.
            _log?.Dispose();
            _log = null;
            throw;
        }
    }

    protected override void End()
    {
        _log?.Dispose();
        _log = null;
        Positions = FromTheEnd;
    }
}

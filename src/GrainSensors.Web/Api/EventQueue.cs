using System.Threading.Channels;
using GrainSensors.Ingest.Streams;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Api;

/// <summary>An alert or a closed window; neither: a ping is due.</summary>
internal readonly record struct StreamEvent(Alert? Alert, ClosedWindowEvent? Window);

/// <summary>The events that wait for one client. A client that falls too far behind is disconnected, and can resume.</summary>
internal sealed class EventQueue : IDisposable
{
    private const int Capacity = 10_000;

    /// <summary>Proxies close connections that are idle for longer, often after 30 or 60 s.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    private readonly Channel<StreamEvent> _events = Channel.CreateBounded<StreamEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = false });

    private readonly TimeProvider _clock;
    private readonly IDisposable? _alerts;
    private readonly IDisposable? _windows;

    /// <param name="alerts">Null: without alerts.</param>
    /// <param name="windows">Null: without closed windows.</param>
    public EventQueue(AlertView? alerts, ClosedWindowView? windows, TimeProvider clock)
    {
        _clock = clock;
        _alerts = alerts?.Watch(changes => Add(changes.Select(alert => new StreamEvent(alert, null))));
        _windows = windows?.Watch(closed => Add(closed.Select(window => new StreamEvent(null, window))));
    }

    /// <returns>The next event, or a ping after <see cref="PingInterval"/> without one; null: the stream ends.</returns>
    public async Task<StreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(PingInterval, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            return await _events.Reader.ReadAsync(either.Token);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? null : default(StreamEvent);
        }
    }

    public void Dispose()
    {
        _alerts?.Dispose();
        _windows?.Dispose();
    }

    private void Add(IEnumerable<StreamEvent> events)
    {
        foreach (var added in events)
        {
            if (!_events.Writer.TryWrite(added))
            {
                _events.Writer.TryComplete();
            }
        }
    }
}

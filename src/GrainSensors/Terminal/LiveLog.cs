using System.Globalization;
using GrainSensors.Core.Text;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Terminal;

/// <summary>
/// Writes log entries. While the live table has the screen it holds them back, because text between its lines would tear it.
/// </summary>
internal sealed class LiveLog(TextWriter writer, TimeProvider clock) : ILoggerProvider
{
    /// <summary>Older entries are dropped; a long outage repeats the same messages.</summary>
    private const int Capacity = 200;

    private readonly TimeProvider _clock = clock;
    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _entries = new();
    private bool _isHeld;

    /// <returns>The held entries since this moment, the latest last.</returns>
    public IReadOnlyList<LogEntry> Since(DateTimeOffset moment)
    {
        lock (_gate)
        {
            return [.. _entries.Where(entry => entry.At >= moment)];
        }
    }

    /// <summary>Holds entries back until the result is disposed, which writes them.</summary>
    public IDisposable Hold()
    {
        lock (_gate)
        {
            _isHeld = true;
        }

        return new Holder(this);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        // The log outlives its logger factory.
    }

    private void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            while (_entries.TryDequeue(out var entry))
            {
                Write(entry);
            }
        }
    }

    private void Write(LogEntry entry) => writer.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{entry.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {entry.Level}: {entry.Text}"));

    private void Add(LogEntry entry)
    {
        lock (_gate)
        {
            if (!_isHeld)
            {
                Write(entry);
                return;
            }

            _entries.Enqueue(entry);
            if (_entries.Count > Capacity)
            {
                _entries.Dequeue();
            }
        }
    }

    private sealed class Logger(LiveLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var cause = exception is null ? "" : $": {FailureReason.Of(exception)}";
            log.Add(new(log._clock.GetUtcNow(), logLevel, formatter(state, exception) + cause));
        }
    }

    private sealed class Holder(LiveLog log) : IDisposable
    {
        public void Dispose() => log.Release();
    }
}

using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Points;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Contacts.Delivery;

/// <summary>The notifications of one contact point on their way, with its rate and its pauses.</summary>
internal sealed partial class DeliveryLane(
    INotificationStore notifications, AcknowledgeLinks links, DeliverySettings settings, ContactMetrics metrics, TimeProvider clock,
    ILogger logger)
{
    /// <summary>Longer than an attempt lasts. After a crash another process makes the next attempt then.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(60);

    /// <summary>A lane ends when it is not started again: the notifier then runs on another silo.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly SendRate _rate = new(clock);
    private readonly Lock _lock = new();
    private long _startedAt;
    private DateTimeOffset _pausedUntil;
    private int _failures;
    private volatile bool _isEnding;

    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start(ContactPoint point, IContactKind kind, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _startedAt = clock.GetTimestamp();
            if (Running.IsCompleted && !_isEnding && clock.GetUtcNow() >= _pausedUntil)
            {
                // Not in the turn of the grain, which may deactivate meanwhile.
                Running = Task.Run(() => RunAsync(point, kind, cancellationToken), CancellationToken.None);
            }
        }
    }

    public void End() => _isEnding = true;

    private async Task RunAsync(ContactPoint point, IContactKind kind, CancellationToken cancellationToken)
    {
        try
        {
            while (!_isEnding && clock.GetElapsedTime(_startedAt) < Patience && clock.GetUtcNow() >= _pausedUntil
                && await SendNextAsync(point, kind, cancellationToken))
            {
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The process ends; another one repeats the attempt.
        }
        catch (WindowStoreUnavailableException)
        {
            // The health checks report the outage of the store, and the next start continues.
        }
    }

    /// <returns>False if nothing is due, or nothing may be sent now.</returns>
    private async Task<bool> SendNextAsync(ContactPoint point, IContactKind kind, CancellationToken cancellationToken)
    {
        var perMinute = point.Values.Find(ContactRules.Rate) is { } rate
            ? int.Parse(rate, System.Globalization.CultureInfo.InvariantCulture)
            : kind.RatePerMinute;
        if (!_rate.TryTake(perMinute))
        {
            return false;
        }

        if (await notifications.TakeAsync(point.Name, Hold, cancellationToken) is not { } taken)
        {
            _rate.GiveBack();
            return false;
        }

        try
        {
            // The store has no links: who reads it must not be able to acknowledge.
            var notice = Notice.FromJson(taken.Added.Content) with { AcknowledgeUrl = links.Of(taken.Added) };
            await kind.SendAsync(point.Values, new(taken.Id, notice), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            await FailAsync(point, taken, e as DeliveryException ?? new($"{e.Message.TrimEnd('.')}.", e));
            return true;
        }

        _failures = 0;
        metrics.Sent(point.Name);
        await notifications.MarkSentAsync(taken.Id, CancellationToken.None);
        return true;
    }

    private async Task FailAsync(ContactPoint point, StoredNotification taken, DeliveryException failure)
    {
        var reason = point.Values.Redact(failure.Message);
        TimeSpan? delay = failure.IsPermanent || taken.Attempts >= settings.MaxAttempts
            ? null
            : RetryDelay.Of(taken.Attempts, failure.RetryAfter, Random.Shared.NextDouble());
        await notifications.MarkFailedAsync(taken.Id, taken.Attempts, reason, delay, CancellationToken.None);
        metrics.Failed(point.Name, isDead: delay is null);
        if (delay is null)
        {
            LogDead(logger, point.Name, taken.Id, taken.Attempts, reason);
        }
        else if (_failures == 0)
        {
            LogFailed(logger, point.Name, reason);
        }

        if (!failure.IsPermanent)
        {
            // The receiver is unavailable, or wants a pause: further notifications wait, too.
            var pause = FirstPause * Math.Pow(2, Math.Min(_failures++, 6));
            pause = pause < LongestPause ? pause : LongestPause;
            _pausedUntil = clock.GetUtcNow() + (failure.RetryAfter is { } wish && wish > pause && delay is { } most
                ? (wish < most ? wish : most)
                : pause);
        }
    }

    [LoggerMessage(3231, LogLevel.Warning, "Notifying the contact point {Contact} failed and will be retried: {Reason}")]
    private static partial void LogFailed(ILogger logger, string contact, string reason);

    [LoggerMessage(
        3232, LogLevel.Error, "Notification {Notification} to the contact point {Contact} is dead after {Attempts} attempts: {Reason}")]
    private static partial void LogDead(ILogger logger, string contact, Guid notification, int attempts, string reason);
}

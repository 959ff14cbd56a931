using System.Collections.Concurrent;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Access;

/// <summary>
/// Reads the access keys of the configuration and of the store again, every few seconds. The sessions of a revoked key end.
/// </summary>
/// <remarks>
/// A watch of the file system would miss changes of files that a container mounts, and the file is small.
/// </remarks>
internal sealed partial class AccessRefresh(
    IConfigurationRoot configuration,
    IOptionsMonitor<HttpOptions> options,
    AccessRules rules,
    Sessions sessions,
    IStore store,
    AuditTrail audit,
    TimeProvider clock,
    ILogger<AccessRefresh> logger) : BackgroundService
{
    /// <summary>A revoked key is refused within this time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Changes of the configuration whose audit entries and ends of sessions are not written yet.</summary>
    private readonly ConcurrentQueue<(AccessKey Key, bool IsRevoked)> _changed = [];

    private readonly ConcurrentQueue<string> _revoked = [];
    private string? _refusal;
    private long _storeReadAt = clock.GetTimestamp();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = options.OnChange(Configure);
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                ReadConfiguration();
                await RecordAsync();
                await ReadStoreAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private void Configure(HttpOptions changed)
    {
        var changes = rules.Keys.Configure(changed.Keys.Select(AccessKey.From));
        Apply(changes, "configuration");
        changes.Added.ToList().ForEach(key => _changed.Enqueue((key, false)));
        changes.Removed.ToList().ForEach(key => _changed.Enqueue((key, true)));
    }

    /// <summary>The command has recorded the changes of the store.</summary>
    private async Task RecordAsync()
    {
        while (_changed.TryDequeue(out var change))
        {
            await audit.WriteAsync(
                AuditActor.OfConfiguration, change.IsRevoked ? AuditActions.KeyRevoke : AuditActions.KeyAdd, change.Key.Name);
        }
    }

    private void ReadConfiguration()
    {
        try
        {
            configuration.Reload();
            _refusal = null;
        }
        catch (Exception e) when (e is AggregateException or InvalidDataException or FormatException or IOException
            or UnauthorizedAccessException or OptionsValidationException)
        {
            // A callback of the reload throws the failure of the options.
            var cause = e.GetBaseException();
            var text = cause is OptionsValidationException invalid ? string.Join(' ', invalid.Failures) : $"{e.Message} {cause.Message}";
            if (_refusal != text)
            {
                _refusal = text;
                LogRefused(logger, text.ReplaceLineEndings(" "));
            }
        }
    }

    private async Task ReadStoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            var keys = await store.Access.Keys.ReadAsync(cancellationToken);
            if (await rules.DeviceKeys.ReadAsync(store.Access.DeviceKeys, cancellationToken) is { } count)
            {
                LogDeviceKeys(logger, count);
            }

            _storeReadAt = clock.GetTimestamp();
            var changes = rules.Keys.Store(keys.Select(AccessKey.From));
            Apply(changes, store.Description);
            if (changes.Refused is [var refused, ..] && changes.Added.Count + changes.Removed.Count > 0)
            {
                LogTwice(logger, StoredKeys.Describe(refused, store));
            }

            while (_revoked.TryPeek(out var hash))
            {
                await store.Access.Sessions.EndOfKeyAsync(hash, cancellationToken);
                _revoked.TryDequeue(out _);
            }

            await sessions.WriteEndsAsync(cancellationToken);
        }
        catch (WindowStoreUnavailableException)
        {
            // The health checks log an outage. A key may have been revoked meanwhile.
            if (clock.GetElapsedTime(_storeReadAt) >= Sessions.OutageLifetime)
            {
                rules.Keys.Store([]);
                rules.DeviceKeys.Forget();
            }
        }
    }

    private void Apply(AccessKeyChanges changes, string source)
    {
        foreach (var key in changes.Added)
        {
            LogAdded(logger, key.Name, key.Role, source);
        }

        foreach (var key in changes.Removed)
        {
            LogRevoked(logger, key.Name, source);
            _revoked.Enqueue(key.HashHex);
        }
    }

    [LoggerMessage(4301, LogLevel.Information, "Access key \"{Name}\" with the role {Role} is valid now; source: {Origin}")]
    private static partial void LogAdded(ILogger logger, string name, AccessRole role, string origin);

    [LoggerMessage(4302, LogLevel.Information, "Access key \"{Name}\" is revoked, and its sessions end; source: {Origin}")]
    private static partial void LogRevoked(ILogger logger, string name, string origin);

    [LoggerMessage(4303, LogLevel.Error, "The changed configuration is refused, and the access keys stay as they were: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(4304, LogLevel.Error, "{Reason} The key in the store is refused.")]
    private static partial void LogTwice(ILogger logger, string reason);

    [LoggerMessage(4305, LogLevel.Information, "Device keys were read from the store: {Count}")]
    private static partial void LogDeviceKeys(ILogger logger, int count);
}

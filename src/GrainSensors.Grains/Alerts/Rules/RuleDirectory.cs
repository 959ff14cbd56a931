using System.Text.Json;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Storage.Rules;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Grains.Alerts.Rules;

/// <summary>
/// A cache of the rules as data, one for all monitors of a silo. While in use, it looks for changes every 2 seconds, and every 30 seconds
/// for changes of the sensors that the rules select.
/// </summary>
public sealed partial class RuleDirectory(IRuleStore store, RuleCompiler compiler, TimeProvider clock, ILogger<RuleDirectory> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RegistryInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile CompiledRules _current = CompiledRules.None;
    private IReadOnlyList<AlertRule> _rules = [];
    private long _version = -1;
    private long _lookedAt;
    private long _compiledAt;
    private Task? _reading;
    private string? _failure;

    /// <summary>The rules as last read, the same object until they change.</summary>
    public CompiledRules Current
    {
        get
        {
            lock (_gate)
            {
                if (_reading is null && (_lookedAt == 0 || clock.GetElapsedTime(_lookedAt) >= Interval))
                {
                    _ = WarnAsync(Begin());
                }
            }

            return _current;
        }
    }

    /// <summary>Reads the rules if they have changed.</summary>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached.</exception>
    public Task ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return (_reading ?? Begin()).WaitAsync(cancellationToken);
        }
    }

    private Task Begin()
    {
        _lookedAt = clock.GetTimestamp();
        return _reading = Task.Run(LookAsync);
    }

    private async Task LookAsync()
    {
        try
        {
            var version = await store.ReadVersionAsync(CancellationToken.None);
            if (version != _version)
            {
                // A change between the two reads is read now, and again with its version.
                _rules = Parse(await store.ReadAsync(CancellationToken.None));
                await CompileAsync();
                _version = version;
            }
            else if (_rules.Any(RuleCompiler.IsByRegistry) && clock.GetElapsedTime(_compiledAt) >= RegistryInterval)
            {
                await CompileAsync();
            }

            _failure = null;
        }
        finally
        {
            lock (_gate)
            {
                _reading = null;
            }
        }
    }

    private async Task CompileAsync()
    {
        _compiledAt = clock.GetTimestamp();
        _current = await compiler.CompileAsync(_rules, _current, CancellationToken.None);
    }

    /// <returns>The enabled rules that this silo can apply.</returns>
    private List<AlertRule> Parse(IReadOnlyList<StoredRule> stored)
    {
        var rules = new List<AlertRule>();
        foreach (var row in stored)
        {
            try
            {
                using var json = JsonDocument.Parse(row.Document);
                var rule = RuleBook.Check(json.RootElement, compiler.Measurements, row.Id);
                if (rule.IsEnabled)
                {
                    rules.Add(rule);
                }
            }
            catch (Exception e) when (e is FormatException or JsonException)
            {
                LogInvalid(logger, row.Id, e.Message);
            }
        }

        return rules;
    }

    private async Task WarnAsync(Task reading)
    {
        try
        {
            await reading;
        }
        catch (WindowStoreUnavailableException e) when (_failure == e.Message)
        {
            // It is logged once, until its reason changes or a read succeeds.
        }
        catch (WindowStoreUnavailableException e)
        {
            _failure = e.Message;
            LogNotRead(logger, e.Message);
        }
    }

    [LoggerMessage(3213, LogLevel.Warning, "Reading the alert rules failed; the last known rules stay in use: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    [LoggerMessage(3214, LogLevel.Warning, "The alert rule {Rule} is invalid and not applied: {Reason}")]
    private static partial void LogInvalid(ILogger logger, string rule, string reason);
}

using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Console.Parts;
using GrainSensors.Web.Yaml;
using Microsoft.AspNetCore.Components;

namespace GrainSensors.Web.Console;

/// <summary>The rules; an administrator adds, edits, disables and removes those that are data.</summary>
public partial class RulesPage
{
    private const string Example =
        """
        id: warm
        kind: threshold
        selector:
          measurement: temperature
        above: 30
        hysteresis: 1
        dwell: 5m
        """;

    /// <summary>Null: not read yet.</summary>
    private IReadOnlyList<RuleLine>? _rules;
    private IReadOnlyList<RuleLine> _builtIn = [];
    private RuleEditor? _editor;
    private TextEditor? _text;
    private ElementReference _heading;

    protected override string Policy => RuleChanges.Policy;

    [Inject]
    private RuleBook Book { get; set; } = null!;

    [Inject]
    private RuleChanges Changes { get; set; } = null!;

    [Inject]
    private MonitorRules Monitor { get; set; } = null!;

    [Inject]
    private MeasurementSet Measurements { get; set; } = null!;

    protected override Task OnInitializedAsync()
    {
        _builtIn = [.. RuleLine.BuiltIn(Monitor.Usual, Measurements)];
        return base.OnInitializedAsync();
    }

    protected override async Task ReadAsync() =>
        _rules = [.. (await Book.ReadAsync(CancellationToken.None)).Select(rule => RuleLine.Of(rule, Book, Measurements))];

    private void Add() => Open(new(null, 0, Example));

    private void Edit(RuleLine rule)
    {
        var stored = rule.Stored!;
        Open(new(rule.Id, stored.Version, RuleLine.JsonOf(stored) is { } json ? RuleYaml.Of(rule.Id, json) : stored.Document));
    }

    private void Open(RuleEditor editor)
    {
        (_editor, Refusal, Done) = (editor, null, null);
        Focus(() => _text!.Element);
    }

    private void Cancel()
    {
        (_editor, Refusal) = (null, null);
        Focus(() => _heading);
    }

    private async Task SaveAsync()
    {
        if (_editor is { } editor && await ChangeAsync(async () => await SaveAsync(editor, await _text!.ReadAsync())))
        {
            _editor = null;
            Focus(() => _heading);
        }
    }

    private async Task<string?> SaveAsync(RuleEditor editor, string text)
    {
        var rules = RuleYaml.Read(new StringReader(text));
        if (editor.Id is { } id && (rules.Count > 1 || rules[0].Id != id))
        {
            throw new FormatException($"The text must have the rule \"{id}\" only. Add other rules with Add rules.");
        }

        foreach (var (name, json) in rules)
        {
            try
            {
                RuleBook.Check(json, Measurements, name);
            }
            catch (FormatException e) when (rules.Count > 1)
            {
                throw new FormatException($"Rule {name}: {e.Message}", e);
            }
        }

        if (editor.Id is null && rules.FirstOrDefault(rule => _rules?.Any(known => known.Id == rule.Id) == true).Id is { } taken)
        {
            throw new FormatException($"There is a rule \"{taken}\" already. Edit it, or give another id.");
        }

        foreach (var (name, json) in rules)
        {
            await Changes.PutAsync(Actor, name, json, editor.Version, CancellationToken.None);
        }

        return rules.Count > 1 ? $"Added {rules.Count} rules." : $"{(editor.Id is null ? "Added" : "Changed")} rule {rules[0].Id}.";
    }

    private Task<bool> SwitchAsync(RuleLine rule) => ChangeAsync(async () =>
    {
        var json = RuleLine.Switched(rule.Stored!, !rule.IsEnabled);
        await Changes.PutAsync(Actor, rule.Id, json, rule.Stored!.Version, CancellationToken.None);
        return $"{(rule.IsEnabled ? "Disabled" : "Enabled")} rule {rule.Id}.";
    });

    private async Task RemoveAsync(RuleLine rule)
    {
        await ChangeAsync(async () => await Changes.RemoveAsync(Actor, rule.Id, rule.Stored!.Version, CancellationToken.None)
            ? $"Removed rule {rule.Id}."
            : $"There is no rule \"{rule.Id}\" any more.");
        Focus(() => _heading);
    }

    /// <param name="Id">The rule; null: new ones.</param>
    /// <param name="Version">The version that is edited.</param>
    /// <param name="Text">The text at the beginning.</param>
    private sealed record RuleEditor(string? Id, long Version, string Text);
}

namespace Orleans.Configuration;

/// <summary>Collects the failures of a validation, one sentence for each option.</summary>
internal sealed class OptionChecks
{
    private readonly List<string> _failures = [];

    public IReadOnlyList<string> Failures => _failures;

    /// <param name="rule">The accepted values, as the continuation of "must be".</param>
    public void MustBe(bool isMet, string key, string rule, object? value) => Require(
        isMet, $"{key} must be {rule}; got {(value is null ? "nothing" : $"\"{value}\"")}.");

    /// <param name="failure">The failure, the offending value and the remedy.</param>
    public void Require(bool isMet, string failure)
    {
        if (!isMet)
        {
            _failures.Add(failure);
        }
    }

    public void Add(IEnumerable<string> failures) => _failures.AddRange(failures);
}

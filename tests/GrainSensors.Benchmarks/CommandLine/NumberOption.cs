using System.CommandLine;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>An option that takes a number within limits, and says in a sentence what it wants instead.</summary>
internal static class NumberOption
{
    public static Option<int> Of(string name, string description, int byDefault, int least, int most) =>
        Validated(new Option<int>(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => byDefault }, least, most);

    public static Option<long> Of(string name, string description, long byDefault, long least, long most) =>
        Validated(new Option<long>(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => byDefault }, least, most);

    private static Option<T> Validated<T>(Option<T> option, T least, T most)
        where T : IComparable<T>
    {
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any()
                && result.GetValueOrDefault<T>() is { } value
                && (value.CompareTo(least) < 0 || value.CompareTo(most) > 0))
            {
                result.AddError(FormattableString.Invariant($"{option.Name} is {value}; give a number from {least} to {most}."));
            }
        });
        return option;
    }
}

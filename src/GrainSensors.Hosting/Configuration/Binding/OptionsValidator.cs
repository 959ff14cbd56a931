using System.Reflection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Checks every value of a class of options, its lists included, against its <see cref="ValueAttribute"/>.</summary>
/// <remarks>Sections are options of their own, with a validator of their own.</remarks>
/// <param name="section">The path of the options in the configuration, for messages.</param>
internal class OptionsValidator<T>(string section) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var failures = Values(options, section).Concat(Check(options)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <returns>A sentence for each fault that concerns several values.</returns>
    protected virtual IEnumerable<string> Check(T options) => [];

    private static IEnumerable<string> Values(object options, string path) => OptionKeys.Of(options.GetType()).SelectMany(property =>
    {
        var key = $"{path}:{property.Name}";
        return property.GetValue(options) switch
        {
            null => [],
            IEnumerable<object> elements when OptionKeys.ElementOf(property.PropertyType) is not null =>
                elements.SelectMany((element, index) => Values(element, $"{key}:{index}")),
            var value when property.GetCustomAttribute<ValueAttribute>()?.Allows(value) == false =>
                [OptionText.Wrong(property, key, OptionText.Format(value))],
            _ => Enumerable.Empty<string>(),
        };
    });
}

using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Makes options of a section of the configuration, and reports every unknown key and every wrong value in it.</summary>
/// <remarks>.NET's own binder reports the first fault only, and names types and members instead of keys and forms.</remarks>
internal sealed class OptionsBinder
{
    private readonly List<string> _failures = [];
    private readonly List<IConfigurationSection> _unknown = [];

    private OptionsBinder()
    {
    }

    /// <param name="failures">Gets a sentence for each fault.</param>
    /// <param name="isShared">Whether others read keys of the section too; unknown keys are theirs then.</param>
    public static T Bind<T>(IConfigurationSection section, List<string> failures, bool isShared = false)
        where T : class, new()
    {
        var binder = new OptionsBinder();
        var options = new T();
        binder.Fill(options, section);
        failures.AddRange(binder._failures);
        if (!isShared)
        {
            var known = OptionKeys.Paths(typeof(T), section.Path).ToList();
            failures.AddRange(binder._unknown.SelectMany(Values).Select(value => UnknownKey.Describe(value.Path, known)));
        }

        return options;
    }

    private void Fill(object options, IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 } text)
        {
            _failures.Add($"{section.Path} is a section and takes no value; got \"{text}\".");
        }

        var properties = OptionKeys.Of(options.GetType());
        foreach (var child in section.GetChildren())
        {
            if (properties.FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
            {
                Set(options, property, child);
            }
            else
            {
                _unknown.Add(child);
            }
        }
    }

    private void Set(object options, PropertyInfo property, IConfigurationSection section)
    {
        var type = property.PropertyType;
        if (OptionKeys.IsValue(type))
        {
            SetValue(options, property, section);
        }
        else if (OptionKeys.IsMap(type))
        {
            SetMap(options, property, section);
        }
        else if (OptionKeys.ElementOf(type) is { } element)
        {
            property.SetValue(options, Elements(element, section));
        }
        else
        {
            // The options object and this instance are new, so no other code sees the instance before it is filled.
            Fill(property.GetValue(options)!, section);
        }
    }

    private void SetValue(object options, PropertyInfo property, IConfigurationSection section)
    {
        _unknown.AddRange(section.GetChildren());
        if (section.Value is not { } text)
        {
            return;
        }

        var value = OptionText.Read(property, section.Path, text, out var failure);
        if (failure is not null)
        {
            _failures.Add(failure);
        }
        else
        {
            property.SetValue(options, value);
        }
    }

    private void SetMap(object options, PropertyInfo property, IConfigurationSection section)
    {
        if (property.PropertyType.GetGenericArguments()[1] == typeof(string))
        {
            var texts = property.SetMethod is null ? (Dictionary<string, string>)property.GetValue(options)! : [];
            AddTexts(texts, section);
            property.SetMethod?.Invoke(options, [texts]);
            return;
        }

        var maps = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var child in section.GetChildren())
        {
            var texts = new Dictionary<string, string>();
            AddTexts(texts, child);
            maps.Add(child.Key, texts);
        }

        property.SetValue(options, maps);
    }

    private void AddTexts(Dictionary<string, string> texts, IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            _unknown.AddRange(child.GetChildren());
            if (child.Value is { } text)
            {
                texts[child.Key] = text;
            }
        }
    }

    private Array Elements(Type type, IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 } text)
        {
            _failures.Add($"{section.Path} is a list, the elements of which are {section.Path}:0 and so on; got \"{text}\".");
        }

        var sections = section.GetChildren().ToList();
        var elements = Array.CreateInstance(type, sections.Count);
        for (var i = 0; i < sections.Count; i++)
        {
            elements.SetValue(OptionKeys.IsValue(type) ? Element(type, sections[i]) : Filled(type, sections[i]), i);
        }

        return elements;
    }

    private object Filled(Type type, IConfigurationSection section)
    {
        var element = Activator.CreateInstance(type)!;
        Fill(element, section);
        return element;
    }

    private object? Element(Type type, IConfigurationSection section)
    {
        _unknown.AddRange(section.GetChildren());
        var value = OptionText.ReadElement(type, section.Path, section.Value ?? "", out var failure);
        if (failure is not null)
        {
            _failures.Add(failure);
        }

        return value;
    }

    private static IEnumerable<IConfigurationSection> Values(IConfigurationSection section) =>
        section.GetChildren().SelectMany(Values).DefaultIfEmpty(section);
}

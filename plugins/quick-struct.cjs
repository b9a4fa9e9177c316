/**
 * A quick `google.protobuf.Struct`, which all property values travel in. The generated code makes a message of every value
 * and a map of every object on the way to plain values and back; here a message holds the plain values themselves, and
 * makes messages only for those who ask. Names are in order, as there: the engine sends them in any.
 */
"use strict";

const plain = Symbol("plain");

/** @param {typeof import("google-protobuf/google/protobuf/struct_pb.js")} messages */
module.exports = ({ Struct, Value }) => {
  const { serializeBinaryToWriter } = Struct;
  const { getFieldsMap, toJavaScript } = Struct.prototype;

  Struct.fromJavaScript = (object) => Object.assign(new Struct(), { [plain]: object });
  Struct.deserializeBinaryFromReader = (struct, reader) =>
    Object.assign(struct, { [plain]: readObject(reader, struct[plain]) });
  Struct.serializeBinaryToWriter = (struct, writer) => {
    if (plain in struct) writeObject(struct[plain], writer);
    else serializeBinaryToWriter(struct, writer);
  };
  Struct.prototype.toJavaScript = function () {
    return this[plain] ?? toJavaScript.call(this);
  };
  Struct.prototype.getFieldsMap = function (...options) {
    const fields = getFieldsMap.apply(this, plain in this ? [] : options);
    for (const [name, value] of Object.entries(this[plain] ?? {})) fields.set(name, Value.fromJavaScript(value));
    delete this[plain];
    return fields;
  };
};

function readObject(reader, object = {}) {
  const entries = Object.entries(object);
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) reader.readMessage(entries, readEntry);
    else reader.skipField();
  }
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function readEntry(entries, reader) {
  const entry = ["", null];
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) entry[0] = reader.readString();
    else reader.readMessage(entry, () => (entry[1] = readValue(reader)));
  }
  entries.push(entry);
}

function readValue(reader) {
  let value = null;
  while (reader.nextField() && !reader.isEndGroup()) {
    const field = reader.getFieldNumber();
    if (field === 2) value = reader.readDouble();
    else if (field === 3) value = reader.readString();
    else if (field === 4) value = reader.readBool();
    else if (field === 5) reader.readMessage(reader, () => (value = readObject(reader)));
    else if (field === 6) reader.readMessage((value = []), readList);
    else reader.skipField();
  }
  return value;
}

function readList(list, reader) {
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) reader.readMessage(list, () => list.push(readValue(reader)));
    else reader.skipField();
  }
}

function writeObject(object, writer) {
  for (const name of Object.keys(object).sort()) {
    writer.writeMessage(1, writer, () => {
      writer.writeString(1, name);
      writer.writeMessage(2, writer, () => writeValue(object[name], writer));
    });
  }
}

function writeValue(value, writer) {
  if (value === null) writer.writeEnum(1, 0);
  else if (typeof value === "number") writer.writeDouble(2, value);
  else if (typeof value === "string") writer.writeString(3, value);
  else if (typeof value === "boolean") writer.writeBool(4, value);
  else if (Array.isArray(value)) writer.writeMessage(6, value, writeList);
  else if (typeof value === "object") writer.writeMessage(5, value, writeObject);
  else throw new Error(`a value of type ${typeof value} cannot be sent`);
}

function writeList(list, writer) {
  for (const value of list) writer.writeMessage(1, writer, () => writeValue(value, writer));
}
